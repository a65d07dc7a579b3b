"""Test databases as copies of one that the migrations made.

The migrations take many seconds, a copy a fraction of one. The original is kept
beside the test databases and made anew when a migration, a model or a package changes.
"""

import hashlib
import time
from contextlib import closing
from pathlib import Path

import psycopg2
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection

from conferencing.tests import clock

PREFIX = "migrated_"
PATIENCE, DEADLOCKS = 10, 3
BUSY = """
SELECT EXISTS (
    SELECT FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
)
"""
LOCK = 0x6D696772


def migrated_name() -> str:
    """Name the original after all that it depends on."""
    told = hashlib.sha256((settings.BASE_DIR / "requirements.txt").read_bytes())
    told.update(clock.INSTALL.encode())
    for config in apps.get_app_configs():
        folder = Path(config.path)
        if not folder.is_relative_to(settings.BASE_DIR) or ".venv" in folder.parts:
            continue
        for pattern in ("migrations/*.py", "models.py", "models/**/*.py"):
            for path in sorted(folder.glob(pattern)):
                told.update(str(path.relative_to(settings.BASE_DIR)).encode() + b"\0")
                told.update(path.read_bytes())
    return PREFIX + told.hexdigest()[:16]


def ensure_migrated_database() -> str:
    """Make the original if it is not there; return its name. Safe in several processes."""
    name = migrated_name()
    maintenance = connection.get_connection_params() | {"dbname": "postgres"}
    maintenance.pop("cursor_factory", None)
    with closing(psycopg2.connect(**maintenance)) as server:
        server.autocommit = True
        with server.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            cursor.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX]
            )
            there = {row[0] for row in cursor.fetchall()}
            if name not in there:
                for old in there:
                    cursor.execute(f'DROP DATABASE "{old}" WITH (FORCE)')
                cursor.execute(f'CREATE DATABASE "{name}_making"')
                clock.install(connection, f"{name}_making")
                migrate(f"{name}_making")
                cursor.execute(f'ALTER DATABASE "{name}_making" RENAME TO "{name}"')
    return name


def migrate(name: str) -> None:
    """Run every migration in the named database."""
    connection.close()
    usual = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = name
    try:
        call_command("migrate", verbosity=0, interactive=False, run_syncdb=True)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual


# What the migrations put there and no test changes: making it anew costs a second each time.
KEPT = {"django_content_type", "auth_permission", "django_migrations"}
EMPTY = """
DO $$
DECLARE
    place text;
    is_filled boolean;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOREACH place IN ARRAY %s LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %%I)', place) INTO is_filled;
        IF is_filled AND EXISTS (
            SELECT FROM pg_trigger WHERE tgrelid = place::regclass AND tgenabled = 'A'
        ) THEN
            EXECUTE format('TRUNCATE %%I CASCADE', place);
        ELSIF is_filled THEN
            EXECUTE format('DELETE FROM %%I', place);
        END IF;
    END LOOP;
END
$$
"""


def empty_quickly(usual):
    """Let a test that committed leave nothing behind, in a tenth of the time of Django's flush.

    Only tables with rows are emptied, with triggers at rest. Those of the audit never rest; they
    let TRUNCATE through in a database that allows it, as that of the tests does. `usual` does it
    where the tests' role may not put triggers to rest. A browser that was just closed may have
    asked for something: that is waited for, so that it writes nothing behind the back of the next
    test.
    """

    def empty(test):
        wait_for_others()
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('is_superuser') = 'on'")
            if not cursor.fetchone()[0]:
                usual(test)
                return
            names = connection.introspection.django_table_names(only_existing=True)
        for is_last in [False] * DEADLOCKS + [True]:
            try:
                with connection.cursor() as cursor:
                    cursor.execute(EMPTY, [sorted(set(names) - KEPT)])
                return
            except OperationalError:  # a request that began after all took its rows otherwise
                if is_last:
                    raise

    return empty


def wait_for_others():
    """Until no other session does anything in this database, seen twice in a row."""
    quiet = 0
    until = time.monotonic() + PATIENCE
    while quiet < 2 and time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(BUSY)
            (is_busy,) = cursor.fetchone()
        quiet = 0 if is_busy else quiet + 1
        if is_busy:
            time.sleep(0.02)
