"""No page leads anybody to a page that refuses them: every link and form of every page, by role."""

from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from django.db import transaction
from django.urls import Resolver404, resolve, reverse

from conferencing.tests.test_walk import FIXED, PARTS, ROWS
from conferencing.tests.world import CAST, keep_watchdog_content, signed_in

pytestmark = pytest.mark.django_db

PER_ADDRESS = 2  # links to one address that are followed: the rest are alike
# Ends the session, and leads away.
NOT_PRESSED = {"account_logout"}


class Leads(HTMLParser):
    """The addresses to which a page leads: by link, and by form of method POST."""

    def __init__(self, text, path):
        super().__init__()
        self.path, self.links, self.forms = path, [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "a" and attrs.get("href"):
            self.links.append(urljoin(self.path, attrs["href"]))
        if attrs.get("hx-get"):
            self.links.append(urljoin(self.path, attrs["hx-get"]))
        if tag == "form" and attrs.get("method", "").lower() == "post":
            self.forms.append(urljoin(self.path, attrs.get("action") or self.path))
        if attrs.get("hx-post"):
            self.forms.append(urljoin(self.path, attrs["hx-post"]))


def address_of(url):
    parts = urlsplit(url)
    if parts.scheme or parts.netloc:
        return None
    try:
        return resolve(parts.path).view_name
    except Resolver404:
        return f"no such address: {parts.path}"


def answer_of(client, url, method):
    with transaction.atomic():
        response = client.post(url) if method == "POST" else client.get(url)
        transaction.set_rollback(method == "POST")
    if response.streaming:
        b"".join(response)
    return response


@pytest.mark.parametrize(("name", "role"), [(name, role) for name in CAST for role in CAST[name]])
def test_no_link_or_form_leads_to_a_refusal(world, caplog, name, role):
    caplog.set_level("CRITICAL", logger="django.request")
    keep_watchdog_content()
    scene = world[name]
    client = signed_in(scene.people[role])
    pages = [
        reverse(address, kwargs=scene.keys.get(address, FIXED.get(address)))
        for address, (method, cells) in ROWS.items()
        if cells[role] == "200" and method != "POST" and address not in PARTS
    ]
    faults, seen, followed, count = [], set(), {}, 0
    while pages:
        page = pages.pop(0)
        if page in seen:
            continue
        seen.add(page)
        response = answer_of(client, page, "GET")
        if response.status_code in (301, 302):
            pages.append(urljoin(page, response["Location"]))
            continue
        if response.status_code != 200 or "html" not in response["Content-Type"]:
            continue
        leads = Leads(response.content.decode(), page)
        for method, urls in (("GET", leads.links), ("POST", leads.forms)):
            for url in urls:
                url = url.partition("#")[0]
                address = address_of(url)
                key = method, address
                if address is None or address in NOT_PRESSED or (method, url) in seen:
                    continue
                if followed.get(key, 0) >= PER_ADDRESS:
                    continue
                seen.add((method, url))
                followed[key] = followed.get(key, 0) + 1
                count += 1
                status = answer_of(client, url, method).status_code
                if status >= 400 and status not in (409, 422):
                    faults.append(f"{page}: {method} {address} answers {status}")
    assert faults == []
    assert count > 30
