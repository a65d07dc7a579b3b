import base64

import pgtrigger
import pytest
from django.apps import AppConfig, apps
from django.db import connection


def key(number: int) -> str:
    """A ring key of 32 equal bytes, for tests."""
    return f"k{number}:" + base64.urlsafe_b64encode(bytes([number]) * 32).decode()


@pytest.fixture(scope="package")
def records_app(django_db_setup, django_db_blocker):
    """The module with the models of `vault.tests.records`, its tables and triggers in place."""
    # By hand: another INSTALLED_APPS would make every app ready a second time.
    config = AppConfig.create("vault.tests.records")
    config.apps = apps
    apps.app_configs[config.label] = config
    config.import_models()
    apps.clear_cache()
    models = list(config.get_models())
    with django_db_blocker.unblock():
        with connection.schema_editor() as editor:
            for model in models:
                editor.create_model(model)
        for model, trigger in pgtrigger.registered():
            if model in models:
                trigger.install(model)
    yield config.models_module
    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        for model in reversed(models):
            editor.delete_model(model)
    del apps.app_configs[config.label]
    apps.clear_cache()


@pytest.fixture
def records(records_app, db, settings):
    """The test models, on a ring of one known key."""
    settings.FIELD_KEYS = key(1)
    return records_app
