from django.apps import AppConfig


class AgreementsConfig(AppConfig):
    name = "agreements"

    def ready(self):
        from outbox import ticks

        from .services.reminders import remind

        ticks.register("agreement-reminders", remind)
