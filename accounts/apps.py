from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self):
        from outbox import kinds, ticks

        from . import emails, receivers, services

        self.receivers = receivers
        kinds.register(emails.INVITATION, prepare=emails.prepare_invitation)
        kinds.register(emails.PASSWORD_RESET, prepare=emails.prepare_password_reset)
        ticks.register("accounts.clear-sessions", services.clear_sessions)
