"""One person's walk: each address is asked once, and every rule looks at that one answer."""

import functools
import inspect
import re
import time
from collections import defaultdict
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urljoin, urlsplit

from django.db import connection, transaction
from django.urls import Resolver404, resolve, reverse

from accounts.models import Session
from audit.models import AuditEntry
from conferencing.tests.pages import code_in, words_of
from conferencing.tests.world import MENTION, prove
from participants.services.disclosures import entries_about, rows_of

PROVED_FOR = 60  # seconds after which somebody proves again who they are
PER_ADDRESS = 2  # links to one address that are followed: the rest are alike
# Ends the session, and leads away.
NOT_PRESSED = {"account_logout"}
# What a browser sends of an empty form.
TOKEN = {"csrfmiddlewaretoken": "bcdf"}
# Searches, whose empty question is answered by the whole list or an empty page; a form that only
# comes with what it showed; and pages of allauth's that lead signed-in people on.
SAYS_ENOUGH = {
    "conferencing:search",
    "conferencing:search_typed",
    "conferencing:roster_detail",
    "conferencing:roster_propose",
    "participants:participant_list",
    "account_login",
    "mfa_authenticate",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
}
# How a part of a page is asked for, and what stands in a module of views that heeds it.
ASKERS = {
    "htmx": ({"HX-Request": "true"}, ("request.htmx", "HX-")),
    "call": ({"X-Call": "1"}, ("call_seat import",)),
}
# What a page says when it did not do what was asked.
SAYS_WHY = re.compile(
    r'class="cc-errors"|class="cc-notice cc-notice--(bad|warn|info)"|aria-invalid="true"|'
    r'class="cc-(act-)?error"[^>]*>(?!\s*</)|class="invalid-feedback'
)
# What a page says after any act, done or not.
SAYS_SOMETHING = re.compile(r'id="messages"[^>]*>\s*<div|data-undo')


class Page(HTMLParser):
    """Reads a page once: what the content security policy forbids, headings, where it leads.

    `links`, `forms`: the addresses of links and of forms of method POST, also those of htmx.
    """

    def __init__(self, text, path=""):
        super().__init__()
        self.path, self.links, self.forms = path, [], []
        self.faults, self.headings, self.is_script = [], 0, False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.headings += tag == "h1"
        self.is_script = tag == "script" and attrs.get("type") != "application/json"
        inline = [name for name in attrs if name == "style" or name.startswith("on")]
        inline += [tag] if tag == "style" else []
        self.faults += [f"{each} in <{tag}>" for each in inline]
        if tag == "a" and attrs.get("href"):
            self.links.append(urljoin(self.path, attrs["href"]))
        if attrs.get("hx-get"):
            self.links.append(urljoin(self.path, attrs["hx-get"]))
        if tag == "form" and attrs.get("method", "").lower() == "post":
            self.forms.append(urljoin(self.path, attrs.get("action") or self.path))
        if attrs.get("hx-post"):
            self.forms.append(urljoin(self.path, attrs["hx-post"]))

    def handle_data(self, data):
        if self.is_script and data.strip():
            self.faults.append("a script's text")

    def handle_endtag(self, tag):
        self.is_script = False


def address_of(url):
    """The name of the address that a link of the system leads to; None for one that leads away."""
    parts = urlsplit(url)
    return None if parts.scheme or parts.netloc else address_at(parts.path)


@functools.cache
def address_at(path):
    """The name of the address at a path; pages lead to the same ones again and again."""
    try:
        return resolve(path).view_name
    except Resolver404:
        return f"no such address: {path}"


def askers_of(address, kwargs):
    """The ways, besides a browser's, that the views of this module tell apart."""
    view = inspect.unwrap(resolve(reverse(address, kwargs=kwargs)).func)
    source = inspect.getsource(inspect.getmodule(view))
    return [
        asker
        for asker, (_headers, words) in ASKERS.items()
        if any(word in source for word in words)
    ]


def shown_in(text, people):
    """`{participant: by name?}` of the households that a text shows."""
    found = {}
    for person in people:
        names = [part for part in (person.name or "").split() if part in text]
        if names or person.alias in text:
            found[person] = bool(names)
    return found


def recorded_after(last, shown, user):
    """`{participant: by name?}` of what the audit recorded since entry `last`, shown to `user`.

    `shown`: `{participant: by name?}`; of those by alias it is not asked how they were recorded.
    """
    found = {}
    for person, by_name in shown.items():
        entries = list(entries_about(person).filter(sequence__gt=last, actor_id=user.pk))
        if entries:
            found[person] = by_name and any(row.named for row in rows_of(person, entries))
    return found


class Writes(set):
    """Notes the tables that are written to, but for those that every look writes to."""

    def __call__(self, execute, sql, params, many, context):
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            table = sql.split('"', 2)[1]
            if not table.startswith(("accounts_session", "audit_", "usersessions_")):
                self.add(table)
        return execute(sql, params, many, context)


def last_entry():
    return AuditEntry.objects.values_list("sequence", flat=True).first() or 0


def word_of(status, location):
    """An answer in a word of the table."""
    return "in" if status == 302 and "/account/sign-in/?next=" in location else str(status)


class Walk:
    """One person's walk; `faults` holds what was wrong, in words.

    `forbidden`: words that this person may read nowhere; `only_here`: `{word: address}` of those
    that stand at one address alone. `people`: the households of whom every answer that shows them
    must have been recorded, by name where it was by name; None to look at no records.
    """

    def __init__(self, client, *, forbidden=(), only_here=None, people=None, parts=()):
        self.client, self.forbidden = client, set(forbidden)
        self.only_here, self.people, self.parts = only_here or {}, people, parts
        self.cookies = {key: morsel.value for key, morsel in client.cookies.items()}
        session = Session.objects.filter(session_key=self.cookies.get("sessionid"))
        self.user = session.first().user if session else None
        self.proved_at = time.monotonic()
        self.faults, self.shown = [], set()
        self.answers, self.leads = {}, defaultdict(dict)

    def ask(self, address, kwargs, method, *, question="", data=None, asker=""):
        """The answer in a word of the table; what it says is looked at on the way.

        Nothing that is asked changes anything for the next question.
        """
        url = reverse(address, kwargs=kwargs) + (f"?{question}" if question else "")
        about = " ".join(filter(None, [question, str(data or ""), asker]))
        return self.ask_url(address, url, method, about=about, data=data, asker=asker)

    def ask_url(self, address, url, method, *, about="", data=None, asker=""):
        where = f"{method} {address}" + (f" ({about})" if about else "")
        headers = ASKERS[asker][0] if asker else {}
        self.client.cookies = SimpleCookie(self.cookies)
        if self.user and time.monotonic() > self.proved_at + PROVED_FOR:
            prove(self.client, self.user)
            self.proved_at = time.monotonic()
        writes = Writes()
        with transaction.atomic(), connection.execute_wrapper(writes):
            last = last_entry() if self.people else 0
            if method == "POST":
                # What an act says of itself is read on the page that it leads to.
                response = self.client.post(
                    url, data or TOKEN, headers=headers, follow=bool(self.user)
                )
            else:
                response = self.client.get(url, headers=headers)
            text = b"".join(response) if response.streaming else response.content
            text = text.decode(errors="replace")
            if self.people:
                self.look_for_strays(where, last)
                self.look_at_records(where, address, text, last)
            if method == "POST" and self.user and not data and not asker:
                self.look_for_words_of_refusal(where, address, url, response, text, writes)
            transaction.set_rollback(True)
        self.look_for_words(where, address, text + str(response.headers))
        if response["Content-Type"].startswith("text/html"):
            self.look_at_page(where, address, url, response, text, is_part=bool(asker))
        status, location = response.status_code, response.get("Location", "")
        for location, status in getattr(response, "redirect_chain", [])[:1]:  # noqa: B007
            pass
        answer = word_of(status, location)
        if not data and not asker:
            self.answers[method, url] = answer
        return answer

    def look_for_words(self, where, address, text):
        for word in self.forbidden | {
            word for word, place in self.only_here.items() if place != address
        }:
            if word in text:
                self.faults.append(f"{where} says {word}")

    def look_at_page(self, where, address, url, response, text, *, is_part):
        page = Page(text, urlsplit(url).path)
        self.faults += [f"{where}: {fault}" for fault in page.faults]
        if code := code_in(words_of(text)):
            self.faults.append(f"{where} says {code}")
        if "script-src 'self'" not in response.get("Content-Security-Policy", ""):
            self.faults.append(f"{where}: no content security policy")
        is_followed = bool(getattr(response, "redirect_chain", ()))
        wanted = 0 if address in self.parts and not is_followed else 1
        if response.status_code == 200 and text and not is_part and page.headings != wanted:
            self.faults.append(f"{where}: {page.headings} main headings")
        if self.user and "no-store" not in response.get("Cache-Control", ""):
            self.faults.append(f"{where}: may be stored")
        if response.status_code == 200 and not is_followed and not is_part:
            self.note_leads(where, page)

    def note_leads(self, where, page):
        for method, urls in (("GET", page.links), ("POST", page.forms)):
            for url in urls:
                url = url.partition("#")[0]
                address = address_of(url)
                if address and address not in NOT_PRESSED:
                    self.leads[method, address].setdefault(url, where)

    def look_for_strays(self, where, last):
        """What they did stands in the audit of their own continuum."""
        own = self.user.membership.continuum_id
        done = AuditEntry.objects.filter(sequence__gt=last, actor_id=self.user.pk)
        for entry in done.exclude(continuum_id=own):
            self.faults.append(f"{where} is recorded elsewhere: {entry}")

    def look_at_records(self, where, address, text, last):
        # A text that names another household, too, is recorded as shown of the one it is about.
        shown = shown_in(text.replace(MENTION, ""), self.people)
        kept = recorded_after(last, shown, self.user)
        for person, by_name in shown.items():
            self.shown.add((where, person.alias))
            if person not in kept:
                self.faults.append(f"{where} shows {person.alias}, recorded nowhere")
            elif by_name and not kept[person]:
                self.faults.append(f"{where} names {person.alias}, recorded by alias")

    def look_for_words_of_refusal(self, where, address, url, response, text, writes):
        """An act that is not done says so: by its status, or in words on the page."""
        is_offered = url in self.leads["POST", address] or ("GET", url) not in self.answers
        is_page = response["Content-Type"].startswith("text/html")
        if response.status_code != 200 or not is_page or address in SAYS_ENOUGH:
            return
        if not getattr(response, "redirect_chain", ()):
            if is_offered and not SAYS_WHY.search(text):
                self.faults.append(f"{where} is refused without a word")
        elif not SAYS_SOMETHING.search(text) and not writes:
            self.faults.append(f"{where} does nothing and says nothing")

    def row(self, address, kwargs, method, expected):
        """Walk one address, and note where it answers otherwise than the table says."""
        if method == "POST":
            seen = self.ask(address, kwargs, "GET")
            if seen != ("in" if expected == "in" else "405"):
                self.faults.append(f"GET {address}: {seen}, though it is for POST alone")
        seen = self.ask(address, kwargs, "POST" if method == "POST" else "GET")
        if seen != expected:
            way = "POST" if method == "POST" else "GET"
            self.faults.append(f"{way} {address}: {seen}, not {expected}")
        elif method == "BOTH" and expected != "200":
            seen = self.ask(address, kwargs, "POST")
            if seen != expected:
                self.faults.append(f"POST {address}: {seen}, not {expected}")

    def row_in_full(self, address, kwargs, method, expected, questions):
        """The same, with its form sent empty, its parts, and its further questions."""
        self.row(address, kwargs, method, expected)
        if expected not in ("200", "302", "422", "400"):
            return
        if method == "BOTH" and expected == "200":
            seen = self.ask(address, kwargs, "POST")
            if seen >= "500":
                self.faults.append(f"POST {address}: {seen}")
        for question in questions:
            self.ask(address, kwargs, "GET", question=question)
        for asker in askers_of(address, kwargs):
            for each in ["GET", "POST"] if method == "BOTH" else [method]:
                self.ask(address, kwargs, each, asker=asker)
            for question in questions:
                self.ask(address, kwargs, "GET", question=question, asker=asker)

    def follow_leads(self):
        """Go where the pages lead; how many links and forms were pressed."""
        count = 0
        for (method, address), urls in list(self.leads.items()):
            for url, where in list(urls.items())[:PER_ADDRESS]:
                count += 1
                answer = self.answers.get((method, url)) or self.ask_url(address, url, method)
                if answer not in ("409", "422") and not answer.startswith(("2", "3")):
                    self.faults.append(f"{where} leads to {method} {address}: {answer}")
        return count
