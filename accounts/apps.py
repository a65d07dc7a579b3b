from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from outbox import kinds, ticks
        from vault import rotation

        from . import emails, receivers, seeds, services

        self.receivers = receivers
        kinds.register(emails.INVITATION, prepare=emails.prepare_invitation)
        kinds.register(
            emails.PASSWORD_RESET,
            prepare=emails.prepare_password_reset,
            recheck=emails.recheck_password_reset,
        )
        ticks.register("accounts.clear-sessions", services.clear_sessions)
        rotation.register("Second-factor seeds", count=seeds.count, rotate=seeds.rotate)
