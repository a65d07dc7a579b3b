from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "vault.tests.records"
    label = "vault_records"
