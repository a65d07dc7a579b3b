"""Browsers signed in as the cast, and what the tests of this room look at."""

import re
from io import BytesIO

import pikepdf
import pytest
from django.test import Client

from audit.models import AuditEntry
from conferencing.tests.world import signed_in
from outbox.models import Message


@pytest.fixture
def browser(client):
    """`browser(user)`: one in which the user proved just now who they are; None: nobody."""

    def of(user):
        return Client() if user is None else signed_in(user)

    return of


@pytest.fixture
def audited(db):
    """`audited()`: (action, actor's name) of everything recorded so far, oldest first."""
    return lambda: list(
        AuditEntry.objects.order_by("sequence").values_list("action", "actor_label")
    )


@pytest.fixture
def mails(db):
    """`mails()`: (address, subject) of every mail queued so far, oldest first."""
    return lambda: list(
        Message.objects.order_by("created_at", "address").values_list("address", "subject")
    )


def plain_pdf(pages=1):
    """A PDF such as a scanner makes."""
    pdf = pikepdf.new()
    for _ in range(pages):
        pdf.add_blank_page(page_size=(612, 792))
    out = BytesIO()
    pdf.save(out)
    return out.getvalue()


def words_of(response):
    """What the page says, without markup, blanks folded."""
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", response.content.decode(), flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", text).replace("&#x27;", "'").split())


def shown(response):
    """The hidden fields of the form on a page: what the browser sends back."""
    pairs = re.findall(
        r'<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?', response.content.decode()
    )
    return {name: value for name, value in pairs if name != "csrfmiddlewaretoken"}
