import base64
import copy
import pickle

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from vault import keys
from vault.checks import check_field_keys
from vault.tests.conftest import key

SECRET = base64.urlsafe_b64encode(b"0123456789abcdef0123456789abcdef").decode()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "FIELD_KEYS is empty"),
        ("   ", "FIELD_KEYS is empty"),
        (None, "FIELD_KEYS is empty"),
        (SECRET, "key 1: has no colon"),
        (f"{key(1)},", "key 2: has no colon"),
        (f"{key(1)},:{SECRET}", "key 2: the id must be 1 to 16 letters"),
        (f"k/1:{SECRET}", "key 1: the id must be 1 to 16 letters"),
        (f"{'k' * 17}:{SECRET}", "key 1: the id must be 1 to 16 letters"),
        (f"k1:{SECRET[:-4]}", "key 1: the key is 30 bytes long"),
        (f"{key(1)},k2:*{SECRET[1:]}", "key 2: the key is not base64url"),
        (f"k1:{SECRET}", None),
        (f"k1:{SECRET.rstrip('=')}", None),
        (f" {key(2)} , {key(1)} ", None),
        (f"{key(1)},k1:{SECRET}", "key 2: has the same id as key 1"),
        (f"k1:{SECRET},k2:{SECRET}", "key 2: is the same key as key 1"),
    ],
)
def test_ring_reads_keys_or_names_the_place_and_never_the_key(settings, text, words):
    settings.FIELD_KEYS = text
    if words is None:
        assert check_field_keys(None) == []
        return
    with pytest.raises(ImproperlyConfigured) as refused:
        keys.ring()
    assert words in str(refused.value)
    assert SECRET[:12] not in str(refused.value)
    assert refused.value.__cause__ is None
    (error,) = check_field_keys(None)
    assert (error.id, error.msg) == ("vault.E010", str(refused.value))


def test_ring_shows_and_gives_away_no_key(settings):
    settings.FIELD_KEYS = f"{key(2)},{key(1)}"
    ring = keys.ring()
    assert (repr(ring), repr(ring.newest)) == ("<Ring k2, k1>", "<Key k2>")
    for attempt in (pickle.dumps, copy.deepcopy):
        for secret in (ring, ring.newest):
            with pytest.raises(TypeError):
                attempt(secret)


def test_ring_does_not_depend_on_the_secret_key(settings):
    settings.FIELD_KEYS = key(1)
    token = keys.seal(b"x", b"row")
    settings.SECRET_KEY = "another"
    keys.ring.cache_clear()
    assert keys.unseal(token, b"row") == b"x"


def test_seal_takes_the_newest_key_and_unseal_any(settings):
    settings.FIELD_KEYS = key(1)
    old = keys.seal(b"old", b"row")
    settings.FIELD_KEYS = f"{key(2)},{key(1)}"
    new = keys.seal(b"new", b"row")
    assert (old[:4], new[:4]) == (b"\x01\x02k1", b"\x01\x02k2")
    assert keys.unseal(old, b"row") == b"old"
    assert keys.unseal(new, b"row") == b"new"


def test_unseal_names_a_key_that_is_missing(settings):
    settings.FIELD_KEYS = key(1)
    token = keys.seal(b"Zoe", b"row")
    settings.FIELD_KEYS = key(2)
    with pytest.raises(keys.UnknownKey, match="FIELD_KEYS has no key “k1”"):
        keys.unseal(token, b"row")


def test_unseal_refuses_another_key_under_the_same_id(settings):
    settings.FIELD_KEYS = key(1)
    token = keys.seal(b"Zoe", b"row")
    settings.FIELD_KEYS = key(2).replace("k2", "k1")
    with pytest.raises(keys.WrongKey) as refused:
        keys.unseal(token, b"row", "participants.Participant.name")
    assert "participants.Participant.name cannot be opened with key “k1”" in str(refused.value)
    assert refused.value.__cause__ is None


@given(plain=st.binary(max_size=300), associated=st.binary(max_size=60))
def test_unseal_gives_back_what_was_sealed(plain, associated):
    token = keys.seal(plain, associated)
    assert keys.unseal(token, associated) == plain
    assert len(token) == len(keys.ring().newest.header) + 12 + len(plain) + 16
    assert keys.seal(plain, associated) != token


@given(plain=st.binary(max_size=40), data=st.data())
def test_unseal_refuses_a_token_with_any_bit_changed(plain, data):
    token = bytearray(keys.seal(plain, b"row"))
    bit = data.draw(st.integers(0, len(token) * 8 - 1))
    token[bit // 8] ^= 1 << bit % 8
    with pytest.raises(keys.VaultError):
        keys.unseal(bytes(token), b"row")


@given(plain=st.binary(max_size=40), associated=st.binary(min_size=1, max_size=40), data=st.data())
def test_unseal_refuses_other_associated_data(plain, associated, data):
    token = keys.seal(plain, associated)
    other = bytearray(associated)
    bit = data.draw(st.integers(0, len(other) * 8 - 1))
    other[bit // 8] ^= 1 << bit % 8
    with pytest.raises(keys.WrongKey):
        keys.unseal(token, bytes(other))


@given(token=st.binary(max_size=60))
def test_unseal_refuses_what_was_never_sealed(token):
    with pytest.raises(keys.VaultError) as refused:
        keys.unseal(token, b"row")
    assert token.hex() not in str(refused.value) or len(token) < 2


@given(plain=st.binary(max_size=40), size=st.integers(0, 200))
def test_unseal_refuses_a_token_cut_short(plain, size):
    token = keys.seal(plain, b"row")
    with pytest.raises(keys.VaultError):
        keys.unseal(token[: min(size, len(token) - 1)], b"row")


def test_sign_holds_for_the_message_alone_and_for_keys_on_the_ring(settings):
    settings.FIELD_KEYS = key(1)
    signature = keys.sign(b"head 3")
    settings.FIELD_KEYS = f"{key(2)},{key(1)}"
    assert keys.is_signed(b"head 3", signature)
    assert not keys.is_signed(b"head 4", signature)
    assert not keys.is_signed(b"head 3", signature[:-1])
    assert not keys.is_signed(b"head 3", b"")
    settings.FIELD_KEYS = key(2)
    assert not keys.is_signed(b"head 3", signature)
