from django.apps import AppConfig
from django.core.checks import register

from vault.checks import check_field_keys


class VaultConfig(AppConfig):
    name = "vault"

    def ready(self):
        register(check_field_keys)
