"""A ring that is not the database's is refused, and never looks like tampering."""

import os
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

import audit.actions
import audit.services
from vault import key_checks, keys
from vault.models import KeyCheck

from .conftest import key

WRONG_1 = "k1:" + key(9).partition(":")[2]


def seal_something():
    """Have the audit hold a reason, sealed and signed by the ring of the moment."""
    action = audit.actions.register("tests.sealed", "Sealed something")
    audit.services.record(action, actor=None, why="Because of the test.")


def problems(settings, ring):
    settings.FIELD_KEYS = ring
    try:
        key_checks.examine()
    except keys.KeysRefused as refused:
        return str(refused)
    return ""


def test_a_key_is_remembered_and_another_under_its_id_refused(db, settings):
    assert problems(settings, key(1)) == ""
    assert list(KeyCheck.objects.values_list("key_id", "has_sealed")) == [("k1", True)]
    assert problems(settings, WRONG_1) == (
        "FIELD_KEYS holds another key under “k1” than the one that sealed this database (wrong "
        "key). Nothing was read or written. Correct FIELD_KEYS in this process's environment."
    )
    assert "wrong key" in problems(settings, f"{key(2)},{WRONG_1}")
    assert problems(settings, key(1)) == ""
    assert KeyCheck.objects.count() == 1


def test_check_values_tell_nothing_of_the_key(db, settings):
    problems(settings, key(1))
    value = bytes(KeyCheck.objects.get().value)
    assert (len(value), bytes([1]) * 4 in value) == (32, False)


def test_a_key_that_sealed_must_stay_until_it_holds_nothing(db, settings):
    problems(settings, key(1))
    seal_something()
    assert problems(settings, f"{key(1)},{key(2)}") == ""
    # Behind the other it has sealed nothing, and may go again.
    assert problems(settings, key(1)) == ""
    assert problems(settings, f"{key(2)},{key(1)}") == ""
    assert "has no key “k1”" in problems(settings, key(2))
    assert "has no key “k2”" in problems(settings, key(1))
    settings.FIELD_KEYS = f"{key(2)},{key(1)}"
    call_command("rotate_keys", verbosity=0)
    assert problems(settings, key(2)) == ""
    assert "has no key “k2”" in problems(settings, key(1))


@pytest.mark.parametrize(
    ("ring", "refused"),
    [(key(1), ""), (WRONG_1, "wrong key"), (key(2), "missing key"), (f"{key(2)},{key(1)}", "")],
)
def test_a_database_older_than_its_check_values_is_tried(db, settings, ring, refused):
    settings.FIELD_KEYS = key(1)
    seal_something()
    assert not KeyCheck.objects.exists()
    found = problems(settings, ring)
    assert refused in found
    assert bool(found) == bool(refused)
    assert KeyCheck.objects.exists() == (not refused)


@pytest.mark.parametrize("ring", [WRONG_1, key(2), f"{key(2)},{WRONG_1}"])
def test_verify_audit_with_wrong_keys_accuses_nobody(db, settings, ring):
    assert problems(settings, key(1)) == ""
    seal_something()
    settings.FIELD_KEYS = ring
    with pytest.raises(CommandError) as error:
        call_command("verify_audit")
    assert error.value.returncode == 2
    assert str(error.value).startswith("Not looked at, for the keys are not this database's.")
    assert "Broken" not in str(error.value)


START = {
    "shell": ["manage.py", "shell", "-v", "0", "-c", "from accounts.models import User\n"
              "User.objects.create(email='typo@example.org', name='Typo')"],
    "send_due": ["manage.py", "send_due"],
    "rotate_keys": ["manage.py", "rotate_keys"],
    "verify_audit": ["manage.py", "verify_audit"],
    "web": ["-c", "import conferencing.config.wsgi"],
    "check": ["manage.py", "check", "--deploy"],
    "worker": ["-m", "celery", "-A", "conferencing", "worker", "--pool", "solo"],
    "beat": ["-m", "celery", "-A", "conferencing", "beat", "--schedule", "{folder}/beat",
             "--pidfile="],
}  # fmt: skip


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("process", START)
def test_every_process_with_a_wrong_key_ends_at_once(process, settings, tmp_path):
    right = settings.FIELD_KEYS
    key_checks.examine()
    settings.FIELD_KEYS = right  # what the database knows
    key_id = right.partition(":")[0]
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "outbox.tests.worker_settings",
        "OUTBOX_TEST_DATABASE": connection.settings_dict["NAME"],
        "OUTBOX_TEST_WHOLE": "1",
        "FIELD_KEYS": f"{key_id}:" + key(9).partition(":")[2],
    }
    done = subprocess.run(
        [sys.executable, *(part.format(folder=tmp_path) for part in START[process])],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode != 0
    assert f"another key under “{key_id}”" in done.stdout + done.stderr
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_user")
        assert cursor.fetchone() == (0,)
