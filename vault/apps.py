from django.apps import AppConfig
from django.core.checks import register
from django.db.backends.signals import connection_created

from vault.checks import check_field_keys, check_keys_of_database
from vault.key_checks import examine_new_connection


class VaultConfig(AppConfig):
    name = "vault"

    def ready(self) -> None:
        register(check_field_keys)
        register(check_keys_of_database, deploy=True)
        connection_created.connect(examine_new_connection, dispatch_uid="vault.key_checks")
