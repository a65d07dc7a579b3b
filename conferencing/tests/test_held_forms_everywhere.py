"""Every form of the product gets its words back after the session ended, and sends nothing.

Each form is sent twice without a session: with what is typed alone, and whole, so that a view that
mistook it for a sent one would act on it.
"""

from datetime import timedelta
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse
from django.utils import timezone

from accounts.held_forms import takes_words
from accounts.models import HeldForm
from audit.models import AuditEntry
from conferencing.tests.test_walk import FIXED, ROWS
from conferencing.tests.world import keep_watchdog_content, prove

pytestmark = pytest.mark.django_db
ROLES = ("specialist", "administrator", "lead", "provider", "vsp")
# Entries that a look makes.
LOOKS = ("viewed", "listed", "shown", "disclosed", "looked", "searched")
TEXT = {"text", "search", "tel", "url", "email"}

# What makes a form whole, so that a view that mistook it for a sent one would act on it.
SAMPLES = {
    "date": f"{timezone.localdate() + timedelta(days=9):%Y-%m-%d}",
    "time": "10:15",
    "number": "7",
    "email": "zeppelin@example.org",
    "url": "https://example.org/zeppelin",
    "tel": "651-555-0100",
}


class Forms(HTMLParser):
    """The forms of a page that are sent by POST: where to, and their fields with their values."""

    def __init__(self, text):
        super().__init__()
        self.found, self.form, self.area, self.select = [], None, None, None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            is_sent = attrs.get("method", "").lower() == "post"
            self.form = {"action": attrs.get("action", ""), "fields": {}, "typed": [], "more": {}}
            if is_sent:
                self.found.append(self.form)
        if tag == "option" and self.form and self.select and attrs.get("value"):
            self.form["more"].setdefault(self.select, attrs["value"])
        name = attrs.get("name")
        if not self.form or not name or "disabled" in attrs:
            return
        if tag == "select":
            self.select = name
        elif tag == "button" or attrs.get("type") in ("radio", "checkbox", *SAMPLES):
            sample = SAMPLES.get(attrs.get("type"), "on")
            self.form["more"].setdefault(name, attrs.get("value") or sample)
        kind = attrs.get("type", "text")
        if tag == "textarea":
            self.area = name
            self.form["typed"].append(name)
        elif tag == "input" and kind in TEXT:
            self.form["typed"].append(name)
            self.form["fields"][name] = attrs.get("value") or ""
        elif tag == "input" and (
            kind in ("hidden", "date", "number", "time", "datetime-local") or "checked" in attrs
        ):
            self.form["fields"][name] = attrs.get("value") or ""

    def handle_endtag(self, tag):
        if tag == "select":
            self.select = None
        if tag == "form":
            self.form = None


def forms_of(page):
    return Forms(page.content.decode()).found if page.status_code == 200 else []


def written_tables(queries):
    """The tables that were written to, but for those that every look writes to."""
    found = {
        query["sql"].split('"')[1]
        for query in queries
        if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))
    }
    return {name for name in found if not name.startswith(("accounts_session", "audit_"))}


def forms_shown(client, scene, role):
    """`(address, url, form, target)` of each form that this person is shown, each form once."""
    found = set()
    for address, (method, cells) in ROWS.items():
        if address.startswith(("account", "mfa_", "usersessions")) and "name_change" not in address:
            continue
        if method == "POST" or cells[role] != "200" or "call_" in address:
            continue  # the call's scripts keep what is typed there: tests of the call
        url = reverse(address, kwargs=scene.keys.get(address, FIXED.get(address, {})))
        sign_in(client, scene.people[role])
        for form in forms_of(client.get(url)):
            target = urldefrag(urljoin(url, form["action"])).url
            # A form that stands on many pages, such as the search of the header, is one form.
            same = resolve(target.partition("?")[0]).view_name, *form["fields"], *form["more"]
            if takes_words(target.partition("?")[0]) and same not in found:
                found.add(same)
                yield address, url, form, target


def sign_in(client, person):
    keep_watchdog_content()
    client.force_login(person)
    prove(client, person)


def sent_in(form, number, *, is_whole):
    """What is sent of the form, and which of it must come back."""
    words = {
        field: f"Wörter & <Worte> {number} {field} “{index}”"
        for index, field in enumerate(form["typed"])
    }
    sent = form["fields"] | words
    if is_whole:
        kept = {field: text for field, text in sent.items() if text}
        sent = sent | form["more"] | kept
        sent |= {field: form["more"][field] for field in words if field in form["more"]}
        words = {field: sent[field] for field in words}
    return sent, words


def give_back(client, person, url, target, sent, words):
    client.cookies.pop("sessionid", None)
    away = client.post(target, sent, headers={"referer": f"http://testserver{url}"})
    if not away.get("Location", "").startswith("/account/sign-in/?next="):
        yield f"answered {away.status_code}"
        return
    sign_in(client, person)
    back = target.partition("?")[0]
    last = last_entry()
    with CaptureQueriesContext(connection) as asked:
        page = client.get(back, follow=True)
    text = unescape(page.content.decode())
    lacking = [field for field, word in words.items() if word not in text]
    if words and (page.status_code != 200 or lacking):
        yield f"{page.status_code}, without {lacking}"
    acts = AuditEntry.objects.filter(sequence__gt=last).values_list("action", flat=True)
    done = [each for each in acts if not any(word in each for word in LOOKS)]
    if done:
        yield f"recorded {done}"
    if words and "Not saved yet" not in text:
        yield "does not say that it is not saved"
    plain = written_tables(asked.captured_queries)
    if not words:
        plain -= {"accounts_heldform"}  # of choices alone nothing is kept
    if plain:
        yield f"wrote to {plain}"
    HeldForm.objects.all().delete()


def last_entry():
    return AuditEntry.objects.order_by("-sequence").values_list("sequence", flat=True).first() or 0


@pytest.mark.parametrize("role", ROLES)
def test_every_form_that_is_shown_gets_its_words_back_and_is_not_acted_on(
    river_scene, role, caplog
):
    caplog.set_level("ERROR", logger="django.request")
    person, client = river_scene.people[role], Client(raise_request_exception=False)
    faults, typed, whole = [], 0, 0
    for number, (address, url, form, target) in enumerate(forms_shown(client, river_scene, role)):
        for is_whole in [False, True] if form["typed"] else [True]:
            typed, whole = typed + (not is_whole), whole + is_whole
            sent, words = sent_in(form, number, is_whole=is_whole)
            faults += [
                f"{address} → {target}{' (whole)' * is_whole}: {fault}"
                for fault in give_back(client, person, url, target, sent, words)
            ]
    assert not faults, "\n".join(faults)
    least = {"specialist": 25, "administrator": 15, "lead": 15, "provider": 12, "vsp": 10}
    assert typed >= least[role]
    assert whole >= 15
    # No view even tried, and none failed.
    assert [each for each in caplog.records if each.levelname == "ERROR"] == []
