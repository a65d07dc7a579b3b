from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "audit"

    def ready(self) -> None:
        # Needs the models, which are there only now.
        from audit.rotation import count_signatures, sign_again
        from vault.rotation import register

        register("audit.ChainHead.signature", count=count_signatures, rotate=sign_again)
