import re
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import ProgrammingError, connection, transaction

from audit import actions
from audit.models import AuditEntry
from audit.services import record
from conferencing.config.testing import production

LOOKED = actions.declare("test.looked_at_the_settings", "Looked at the settings")


def manage(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "name", ["REDIS_URL", "EMAIL_URL", "SECRET_KEY", "FIELD_KEYS", "ALLOWED_HOSTS"]
)
def test_settings_refuse_production_without(name, bare_environment, tmp_path):
    environment = bare_environment | production() | {"CONFERENCING_VAR": str(tmp_path / "var")}
    del environment[name]
    done = manage("check", **environment)
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert f"{name} is not set" in line
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"REDIS_URL": "redis://r.invalid/3"}, "CACHE_URL is not set"),
        (
            {"REDIS_URL": "redis://r.invalid/3", "CACHE_URL": "redis://r.invalid/3"},
            "CACHE_URL is the same as REDIS_URL",
        ),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS is *"),
    ],
)
def test_settings_refuse_in_one_line(given, said, bare_environment, tmp_path):
    environment = bare_environment | production() | {"CONFERENCING_VAR": str(tmp_path)} | given
    done = manage("check", **environment)
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert said in line


def test_settings_keep_the_cache_out_of_the_brokers_database(bare_environment, tmp_path):
    environment = bare_environment | production() | {"CONFERENCING_VAR": str(tmp_path)}
    script = (
        "from django.conf import settings as s;"
        "print(s.CELERY_BROKER_URL, s.CACHES['default']['LOCATION'], s.SITE_URL, s.DEBUG)"
    )
    done = manage("shell", "--no-imports", "-c", script, **environment)
    assert done.stdout.split() == [
        "rediss://redis.invalid:6379/0",
        "rediss://redis.invalid:6379/1",
        "https://conferencing.example.org",
        "False",
    ]


@pytest.mark.django_db
def test_production_role_can_write_the_audit_and_not_change_it():
    """The statements of docs/production.md do what it says."""
    text = (settings.BASE_DIR / "docs" / "production.md").read_text()
    [statements] = re.findall(r"```sql\n(.*?)```", text, re.S)
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE conferencing")
        cursor.execute(statements)
        cursor.execute("SET LOCAL ROLE conferencing")
        record(LOOKED, actor=None, why="because")
        record(LOOKED, actor=None)
        for sql in (
            "UPDATE audit_auditentry SET actor_label = ''",
            "DELETE FROM audit_auditentry",
            "TRUNCATE audit_auditentry",
            "DELETE FROM audit_chainhead",
            "ALTER TABLE audit_auditentry DISABLE TRIGGER ALL",
        ):
            refused = pytest.raises(ProgrammingError, match=r"permission denied|must be owner")
            with refused, transaction.atomic():
                cursor.execute(sql)
        cursor.execute("RESET ROLE")
    assert AuditEntry.objects.count() == 2
