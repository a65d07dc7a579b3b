"""Hand-written factories of this room."""

import base64
import hmac
import secrets
import struct
import time
import uuid
from hashlib import sha256

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from fido2.cose import ES256
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorAttestationResponse,
    AuthenticatorData,
    CollectedClientData,
    RegistrationResponse,
)

from accounts import seeds
from accounts.models import User
from audit.models import AuditEntry

PASSWORD = "lantern gravel orbit 7"
SEED = base64.b32encode(b"twenty bytes of seed").decode()


def make_person(*, name="Ada Berg", email=None, password=PASSWORD, **fields):
    """A person who has no role anywhere; `password=None`: not yet invited."""
    email = email or f"ada.{uuid.uuid4().hex[:12]}@example.org"
    return User.objects.create_user(email, name=name, password=password, **fields)


def add_app(user, *, seed=SEED):
    """Give the person an authenticator app (with `SEED`)."""
    with seeds.of(user):
        return TOTP.activate(user, seed).instance


def add_recovery_codes(user):
    """Give the person recovery codes; return them."""
    with seeds.of(user):
        return RecoveryCodes.activate(user).get_unused_codes()


def add_passkey(user, *, name="Work laptop", host="testserver"):
    """Give the person a passkey as a browser registers it; nobody holds its private key."""
    key = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    credential_id = uuid.uuid4().bytes
    flags = AuthenticatorData.FLAG
    data = AuthenticatorData.create(
        sha256(host.encode()).digest(),
        flags.UP | flags.UV | flags.AT,
        0,
        AttestedCredentialData.create(bytes(16), credential_id, key),
    )
    registered = RegistrationResponse(
        raw_id=credential_id,
        response=AuthenticatorAttestationResponse(
            client_data=CollectedClientData.create("webauthn.create", bytes(32), f"http://{host}"),
            attestation_object=AttestationObject.create("none", data, {}),
        ),
        client_extension_results={"credProps": {"rk": True}},
    )
    with seeds.of(user):
        return Authenticator.objects.create(
            user=user,
            type=Authenticator.Type.WEBAUTHN,
            data={"name": name, "credential": dict(registered)},
        )


def code_of(seed=SEED, *, at=None, periods=0):
    """What an authenticator app shows at a time (RFC 6238), some periods of 30 s from it."""
    counter = int((at or time.time()) // 30) + periods
    digest = hmac.digest(base64.b32decode(seed), struct.pack(">Q", counter), "sha1")
    offset = digest[-1] & 15
    value = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{value % 1_000_000:06}"


def sign_in(client, user, *, password=PASSWORD, code=None, next_page=""):
    """Sign in as a browser does; return the last answer (not followed)."""
    query = f"?next={next_page}" if next_page else ""
    response = client.post(f"/account/sign-in/{query}", {"login": user.email, "password": password})
    if code is not None:
        response = client.post("/account/sign-in/second-factor/", {"code": code})
    return response


def actions_of(user):
    """What the audit holds about this person's account, oldest first: (action, detail)."""
    entries = AuditEntry.objects.filter(object_id=str(user.pk)).order_by("sequence")
    return [entry.action for entry in entries]


def make_browser():
    """A browser at an address of its own: attempts are counted per address in the shared cache."""
    address = f"10.{secrets.randbelow(256)}.{secrets.randbelow(256)}.{secrets.randbelow(256)}"
    return Client(REMOTE_ADDR=address, HTTP_USER_AGENT="Firefox")
