"""Which pages can be reached without signing in. A page that joins them must be named here."""

from django.urls import URLResolver, get_resolver

OPEN = {
    "account_inactive",
    "account_login",
    "account_logout",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "accounts:held_form_keep",  # takes only what its page was made for, and gives nothing
    "accounts:invitation_accept",
    "accounts:invitation_open",
    "conferencing:feed_read",  # its address holds a token of 256 bits
    "health_live",
    "health_mail",
    "health_ready",
    "mfa_authenticate",
    "mfa_login_webauthn",
}


def all_pages(resolver=None, namespace=""):
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from all_pages(pattern, inner)
        else:
            yield f"{namespace}{pattern.name}", pattern.callback


def test_only_these_pages_are_open():
    found = {name for name, view in all_pages() if not getattr(view, "login_required", True)}

    assert found == OPEN
