"""Gives back what was typed into a form whose sender was not let in, once they have signed in.

A session that ended, a second sign-in in another tab, a question for fresh proof: whatever keeps a
form from its view, its words wait on the server, sealed, for the person for whom the page was made,
and stand in the form again when that person opens its page. Nothing is ever sent by itself, nothing
is given to anybody else, and neither files nor secrets are kept.

For whom a page was made is told by the form's own CSRF token: its secret is new with each sign-in,
and the shared cache keeps whose sign-in that was. So it does not matter how the session ended.
"""

import hashlib
import html
import json
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from urllib.parse import urlsplit

from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.db import connection, transaction
from django.http import HttpResponse, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.middleware.csrf import (  # type: ignore[attr-defined]  # the stubs leave out the last
    CSRF_SECRET_LENGTH,
    CSRF_TOKEN_LENGTH,
    _unmask_cipher_token,
)
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from redis.exceptions import RedisError

from .access import Request
from .models import HeldForm, User
from .pages import page_of, wants_json
from .sessions import is_background

PER_PERSON = 20
LARGEST = 200_000
LARGEST_SENT = 12 * 1024 * 1024
OWNER_KNOWN_FOR = 24 * 60 * 60
TOKEN = "csrfmiddlewaretoken"
IN_SESSION = "held_forms"
# What signs people in: their forms hold secrets, and there is nothing to give back.
SIGN_IN = ("account_", "mfa_", "usersessions_", "accounts:held_form", "accounts:session_")
SECRETS = re.compile(r"password|passphrase|secret|token|credential|^code$|^otp", re.IGNORECASE)

# A statement that writes, also within a WITH; not the FOR UPDATE of a lock.
WRITES = re.compile(
    r"\b(?:INSERT\s+INTO|DELETE\s+FROM|MERGE\s+INTO|TRUNCATE(?:\s+TABLE)?|COPY"
    r"|(?<!FOR )(?<!KEY )UPDATE)\s+(?:ONLY\s+)?\"?(?P<table>\w+)",
    re.IGNORECASE,
)
LOOKS_WRITE = ("", "audit")

logger = logging.getLogger(__name__)


def note_page_owner(request: Request, user: User) -> None:
    """Remember that pages with this request's CSRF secret are made for `user`."""
    secret = request.META.get("CSRF_COOKIE")
    if not secret:
        return
    try:
        cache.set(_owner_key(secret), str(user.pk), OWNER_KNOWN_FOR)
    except RedisError as error:
        logger.warning("For whom a page is made is not kept: the cache failed (%s).", error)


class WithoutFiles(FileUploadHandler):
    """Passes over the files of a form: they are not kept, and must not lie on a disk in clear."""

    def new_file(self, *args: object, **kwargs: object) -> None:
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        return None

    def file_complete(self, file_size: int) -> None:
        return None


def read_without_files(request: Request) -> bool:
    """Read the form's fields, unless somebody did; whether it is small enough to be read."""
    if hasattr(request, "_post"):
        return True
    try:
        size = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        return False
    if size > LARGEST_SENT:
        return False
    request.upload_handlers = [WithoutFiles(request)]
    return True


def owner_of(request: Request) -> User | None:
    """The person for whom the page was made that this form stands on; None if nobody knows."""
    token = request.POST.get(TOKEN) or request.headers.get("X-CSRFToken", "")
    if len(token) == CSRF_TOKEN_LENGTH:
        try:
            token = _unmask_cipher_token(token)
        except ValueError:  # letters that no token has
            return None
    if len(token) != CSRF_SECRET_LENGTH:
        return None
    try:
        found = cache.get(_owner_key(token))
    except RedisError as error:
        logger.warning("For whom a page was made is not known: the cache failed (%s).", error)
        return None
    return User.objects.filter(pk=found, is_active=True).first() if found else None


def hold(request: Request) -> HeldForm | None:
    """Keep what this POST holds, for its page's owner; return the `HeldForm`, or None.

    What a script sends by itself, or reads the answer of, is left to that script.
    """
    if request.method != "POST" or is_background(request) or wants_json(request):
        return None
    if not read_without_files(request):
        return None
    return hold_for(owner_of(request), request, request.get_full_path(), page_of(request))


def hold_for(owner: User | None, request: Request, target: str, page: str) -> HeldForm | None:
    """Keep the words of the request's form for `owner`, as sent from `page` to `target`."""
    path, query = urlsplit(target).path, urlsplit(target).query
    if owner is None or not takes_words(path):
        return None
    try:
        fields = [
            (name, values)
            for name, values in request.POST.lists()
            if name != TOKEN and not SECRETS.search(name)
        ]
    except MultiPartParserError:
        return None
    body = json.dumps({"fields": fields, "query": query, "page": page})
    if not any(text for _name, values in fields for text in values) or len(body) > LARGEST:
        return None
    held = keep(owner, path, body, now=timezone.now())
    request.has_held_form = True
    if request.user == owner:
        _mark(request, [*request.session.get(IN_SESSION, []), path])
    return held


def takes_words(path: str) -> bool:
    """Whether what is sent to this address is worth keeping: a page of ours behind the sign-in."""
    try:
        match = resolve(path)
    except Resolver404:
        return False
    return getattr(match.func, "login_required", True) and not match.view_name.startswith(SIGN_IN)


@transaction.atomic
def keep(owner: User, path: str, body: str, *, now: datetime) -> HeldForm:
    """Keep a form's words, in place of what was kept of the same form; the newest few of each."""
    User.objects.select_for_update().get(pk=owner.pk)
    HeldForm.objects.filter(user=owner, path=path).delete()
    held = HeldForm.objects.create(user=owner, path=path, body=body, held_at=now)
    old = HeldForm.objects.filter(user=owner).order_by("-held_at").values_list("pk", flat=True)
    HeldForm.objects.filter(pk__in=list(old[PER_PERSON:])).delete()
    return held


def take_up(request: Request, user: User) -> None:
    """At a sign-in: let the session know which pages have words waiting."""
    paths = HeldForm.objects.waiting(timezone.now()).filter(user=user)
    _mark(request, list(paths.values_list("path", flat=True)))


def waiting_for(request: Request) -> HeldForm | None:
    """What waits for this page of the signed-in person, or None; asks only where some does."""
    if request.path not in request.session.get(IN_SESSION, []):
        return None
    held = (
        HeldForm.objects.waiting(timezone.now())
        .filter(user=request.user.pk, path=request.path)
        .first()
    )
    return held if held and is_about_the_same(request, held) else None


def is_about_the_same(request: Request, held: HeldForm) -> bool:
    """Whether the page asks for what the form stood beside: a query may say which households."""
    asked = request.META.get("QUERY_STRING", "")
    return not (asked and held.query) or asked_for(asked) == asked_for(held.query)


def asked_for(query: str) -> dict[str, list[str]]:
    return {name: sorted(values) for name, values in QueryDict(query).lists()}


def forget(request: Request, held: HeldForm | None = None) -> None:
    """The words are where they belong, or not wanted: the row of this page goes."""
    path = held.path if held else request.path
    HeldForm.objects.filter(user=request.user.pk, path=path).delete()
    stop_offering(request, path)


def stop_offering(request: Request, path: str) -> None:
    _mark(request, [each for each in request.session.get(IN_SESSION, []) if each != path])


def fill_in(request: Request, held: HeldForm) -> None:
    """Let the page's form find what was typed, as if it had been sent and found wanting.

    Views bind their forms to `request.POST or None` and act on a POST alone: the form shows the
    words, nothing is done with them, and `nothing_is_done` refuses a view that would. Files are
    not kept, so the form asks for them again.
    """
    post = QueryDict(mutable=True)
    for name, values in held.fields:
        post.setlist(name, values)
    post._mutable = False
    request.POST = post  # type: ignore[assignment]  # immutable by now
    request._files = MultiValueDict()  # type: ignore[attr-defined]  # where Django keeps them
    request.held_form = held


class NotAsked(PermissionDenied):
    """A page to which a waiting form was given began to act on it, which nobody asked for."""


@contextmanager
def nothing_is_done(request: Request) -> Iterator[None]:
    """While a page is made with a waiting form: whatever would be written is refused.

    Only what every look writes is let through: the audit of what was shown, and the session. So
    a view that mistakes the words for a form that was sent does nothing, and
    `request.was_refused_to_act` says so.
    """
    request.was_refused_to_act = False

    def refuse(
        execute: Callable[..., object],
        sql: str,
        params: object,
        many: bool,
        context: dict[str, object],
    ) -> object:
        if written_table(str(sql)) not in LOOKS_WRITE:
            request.was_refused_to_act = True
            route = request.resolver_match and request.resolver_match.route
            logger.error("The page %s would act on a form that waits.", route)
            raise NotAsked("Nothing is sent by itself.")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        yield


def written_table(sql: str) -> str:
    """The app of the table that a statement writes to; "" for a statement that reads."""
    found = WRITES.search(sql)
    return found["table"].partition("_")[0] if found else ""


def shows_all(response: HttpResponse, held: HeldForm) -> bool:
    """Whether every text that was typed stands on the page."""
    page = html.unescape(response.content.decode(errors="replace"))
    page = page.replace("\r\n", "\n")
    return all(text.replace("\r\n", "\n").strip() in page for text in held.words)


def _mark(request: Request, paths: list[str]) -> None:
    paths = sorted(set(paths))
    if request.session.get(IN_SESSION, []) != paths:
        request.session[IN_SESSION] = paths


def _owner_key(secret: str) -> str:
    return f"accounts.page-owner.{hashlib.sha256(secret.encode()).hexdigest()}"
