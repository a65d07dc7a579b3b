from django.apps import AppConfig


class AgreementsConfig(AppConfig):
    name = "agreements"

    def ready(self) -> None:
        from accounts import undo
        from outbox import ticks

        from .services import texts
        from .services.reminders import remind

        undo.register(texts.DISCARD, texts.undo_discard)
        ticks.register("agreement-reminders", remind)
