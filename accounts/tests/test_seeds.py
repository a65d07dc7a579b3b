"""Second-factor seeds at rest."""

import base64
import json

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.db import connection

from accounts import seeds
from accounts.tests.factories import (
    SEED,
    add_app,
    add_recovery_codes,
    code_of,
    make_person,
    sign_in,
)
from vault import keys

pytestmark = pytest.mark.django_db
OLD = "old:" + base64.urlsafe_b64encode(b"o" * 32).decode()
NEW = "new:" + base64.urlsafe_b64encode(b"n" * 32).decode()


def raw_rows():
    with connection.cursor() as cursor:
        cursor.execute("SELECT data::text FROM mfa_authenticator ORDER BY id")
        return "\n".join(row[0] for row in cursor.fetchall())


def test_seeds_are_not_in_the_database_in_clear(ada):
    add_app(ada)
    codes = add_recovery_codes(ada)

    stored = raw_rows()

    assert SEED not in stored
    assert not any(code in stored for code in codes)
    with seeds.of(ada):
        recovery_seed = seeds.unseal(Authenticator.objects.get(type="recovery_codes").data["seed"])
    assert recovery_seed not in stored
    assert base64.urlsafe_b64encode(recovery_seed.encode()).decode() not in stored


def test_seed_copied_to_another_person_does_not_open(client, ada):
    ben = make_person(name="Ben Cho")
    stolen = add_app(ben).data
    row = add_app(ada, seed=base64.b32encode(b"another seed of 20 b").decode())
    row.data = stolen
    row.save()

    with pytest.raises(keys.WrongKey):
        sign_in(client, ada, code=code_of())

    assert "_auth_user_id" not in client.session


def test_seed_under_a_lost_key_raises(settings, ada):
    settings.FIELD_KEYS = OLD
    row = add_app(ada)
    settings.FIELD_KEYS = NEW

    with seeds.of(ada), pytest.raises(keys.UnknownKey):
        seeds.unseal(row.data["secret"])


def test_damaged_seed_raises(ada):
    with seeds.of(ada), pytest.raises(keys.Tampered):
        seeds.unseal("nøt a token")


def test_rotate_keys_seals_seeds_with_the_newest_key(settings, client, ada):
    settings.FIELD_KEYS = OLD
    add_app(ada)
    codes = add_recovery_codes(ada)
    settings.FIELD_KEYS = f"{NEW},{OLD}"
    assert seeds.count() == {"old": 2}

    call_command("rotate_keys", wait=0)

    assert seeds.count() == {"new": 2}
    settings.FIELD_KEYS = NEW
    sign_in(client, ada, code=codes[0])
    assert "_auth_user_id" in client.session


def test_rotate_works_in_batches_and_can_be_resumed(settings):
    settings.FIELD_KEYS = OLD
    for name in ("Ann", "Bo", "Cy"):
        add_app(make_person(name=name))
    settings.FIELD_KEYS = f"{NEW},{OLD}"

    assert [seeds.rotate(2), seeds.count()] == [2, {"old": 1, "new": 2}]
    assert [seeds.rotate(2), seeds.rotate(2), seeds.count()] == [1, 0, {"new": 3}]


def test_rotate_leaves_what_it_cannot_open_and_goes_on(settings, ada):
    settings.FIELD_KEYS = OLD
    broken = add_app(ada)
    broken.data = {"secret": broken.data["secret"][:-8]}
    broken.save()
    add_app(make_person(name="Ben Cho"))
    settings.FIELD_KEYS = f"{NEW},{OLD}"

    assert seeds.rotate(10) == 1

    assert seeds.count() == {"old": 1, "new": 1}


def test_rotate_keeps_used_recovery_codes_used(settings, client, ada):
    settings.FIELD_KEYS = OLD
    add_app(ada)
    codes = add_recovery_codes(ada)
    sign_in(client, ada, code=codes[0])
    used = json.loads(raw_rows().splitlines()[1])["used_mask"]
    settings.FIELD_KEYS = f"{NEW},{OLD}"

    seeds.rotate(10)

    row = Authenticator.objects.get(type="recovery_codes")
    with seeds.of(ada):
        assert row.wrap().get_unused_codes() == codes[1:]
    assert row.data["used_mask"] == used == 1
