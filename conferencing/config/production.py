"""What production refuses to start with: a weak secret, debugging, links in clear."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

Settings = Mapping[str, Any]  # Any: whatever Django takes
Link = tuple[bool, str]  # whether it is safe, and its host

SHORTEST_SECRET = 40
FEWEST_LETTERS = 12
# What Django sends with where the address names no way of its own.
SMTP = "django.core.mail.backends.smtp.EmailBackend"
LOCAL_HOSTS = {"", "localhost", "127.0.0.1", "::1"}
WITH_TLS = {"require", "verify-ca", "verify-full"}
OVERRIDE = (
    "If it runs on this same machine (a Unix socket, 127.0.0.1, ::1, localhost), set "
    "PLAIN_LOCAL_LINKS=true."
)


def refuse_debug(is_on: bool) -> None:
    """Debugging shows settings and participants' data on error pages."""
    if is_on:
        raise ImproperlyConfigured(
            "DEBUG is set. Error pages would show participants' data. Unset DEBUG in production."
        )


def refuse_weak_secret(secret: str) -> None:
    """Who guesses the secret makes sessions and links of their own."""
    is_short = len(secret) < SHORTEST_SECRET or len(set(secret)) < FEWEST_LETTERS
    if is_short or secret.startswith("django-insecure-"):
        raise ImproperlyConfigured(
            "SECRET_KEY is weak. Make one of 50 random characters: "
            "python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"
        )


def refuse_plain_links(
    *, database: Settings, urls: Mapping[str, str], email: Settings, may_be_local: bool
) -> None:
    """Refuse links that others on the network could read.

    `database`: Django's settings of it; `urls`: `{name: address}` of Redis; `email`: Django's
    `EMAIL_…` settings; `may_be_local`: whether links within this machine may go without TLS.
    """
    found = [(name, *redis_link(url)) for name, url in urls.items()]
    found += [("DATABASE_URL", *database_link(database)), ("EMAIL_URL", *mail_link(email))]
    for name, is_safe, host in found:
        if is_safe or (may_be_local and is_local(host)):
            continue
        raise ImproperlyConfigured(f"{name} has no TLS: {REMEDIES.get(name, REDIS)} {OVERRIDE}")


REDIS = "use rediss://."
REMEDIES = {
    "DATABASE_URL": "end it with ?sslmode=verify-full.",
    "EMAIL_URL": "use submission:// (STARTTLS) or smtps://.",
}


def is_local(host: str) -> bool:
    return host in LOCAL_HOSTS or host.startswith("/")


def redis_link(url: str) -> Link:
    """Whether it has TLS, and its host; a socket's path as the host."""
    parts = urlsplit(url)
    if parts.scheme in ("unix", "redis+socket"):
        return False, parts.path or "/"
    is_unchecked = parse_qs(parts.query).get("ssl_cert_reqs", [""])[0].lower().endswith("none")
    return parts.scheme == "rediss" and not is_unchecked, parts.hostname or ""


def database_link(database: Settings) -> Link:
    host = unquote(str(database.get("HOST") or ""))
    options = database.get("OPTIONS") or {}
    return str(options.get("sslmode", "")) in WITH_TLS, options.get(
        "hostaddr", options.get("host", host)
    )


def mail_link(email: Settings) -> Link:
    if not email.get("EMAIL_BACKEND", SMTP).endswith(".smtp.EmailBackend"):
        return True, ""
    is_safe = bool(email.get("EMAIL_USE_TLS") or email.get("EMAIL_USE_SSL"))
    return is_safe, email.get("EMAIL_HOST") or ""
