"""Every form of the product gets its words back after the session ended, and sends nothing."""

from html import unescape
from html.parser import HTMLParser

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse

from accounts.held_forms import takes_words
from accounts.models import HeldForm
from conferencing.tests.test_walk import FIXED, ROWS
from conferencing.tests.world import keep_watchdog_content, prove

pytestmark = pytest.mark.django_db
ROLES = ("specialist", "administrator", "lead", "provider", "vsp")
# Left to the page's own script, which keeps drafts of its own; and what is sent with a file alone.
TEXT = {"text", "search", "tel", "url", "email"}


class Forms(HTMLParser):
    """The forms of a page that are sent by POST: where to, and their fields with their values."""

    def __init__(self, text):
        super().__init__()
        self.found, self.form, self.area = [], None, None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            is_sent = attrs.get("method", "").lower() == "post"
            self.form = {"action": attrs.get("action", ""), "fields": {}, "typed": []}
            if is_sent:
                self.found.append(self.form)
        name = attrs.get("name")
        if not self.form or not name or "disabled" in attrs:
            return
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


def walk_forms(world, name, role):
    """Yield what was wrong with each form that this person is shown."""
    scene, person = world[name], world[name].people[role]
    count = 0
    for address in ROWS:
        if address.startswith(("account", "mfa_", "usersessions")) and "name_change" not in address:
            continue
        keep_watchdog_content()
        kwargs = scene.keys.get(address, FIXED.get(address, {}))
        url = reverse(address, kwargs=kwargs)
        client = Client(raise_request_exception=False)
        client.force_login(person)
        prove(client, person)
        if resolve(url).func.__name__ == "call_detail" or "call_" in address:
            continue  # its scripts keep what is typed there: tests of the call
        page = client.get(url)
        for number, form in enumerate(forms_of(page)):
            target = form["action"] or url
            if not form["typed"] or not takes_words(target.partition("?")[0]):
                continue
            count += 1
            words = {
                field: f"Wörter & <Worte> {number} {field} “{index}”"
                for index, field in enumerate(form["typed"])
            }
            for fault in give_back(client, person, url, target, form["fields"] | words, words):
                yield f"{role} {address} → {target}: {fault}", count
    yield None, count


def give_back(client, person, url, target, sent, words):
    client.cookies.pop("sessionid", None)
    away = client.post(target, sent, headers={"referer": f"http://testserver{url}"})
    if not away.get("Location", "").startswith("/account/sign-in/?next="):
        yield f"answered {away.status_code}"
        return
    client.force_login(person)
    prove(client, person)
    back = target.partition("?")[0]
    with CaptureQueriesContext(
        connection,
    ) as asked:
        page = client.get(back, follow=True)
    text = unescape(page.content.decode())
    lacking = [field for field, word in words.items() if word not in text]
    if page.status_code != 200 or lacking:
        yield f"{page.status_code}, without {lacking}"
    if "Not saved yet" not in text:
        yield "does not say that it is not saved"
    plain = written_tables(asked.captured_queries)
    if plain:
        yield f"wrote to {plain}"
    HeldForm.objects.all().delete()


@pytest.mark.parametrize("role", ROLES)
def test_every_form_that_is_shown_gets_its_words_back(world, role):
    faults = list(walk_forms(world, "river", role))
    count = faults.pop()[1]
    assert [fault for fault, _count in faults] == []
    least = {"specialist": 25, "administrator": 15, "lead": 15, "provider": 12, "vsp": 10}
    assert count >= least[role]
