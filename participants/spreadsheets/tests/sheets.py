"""Invented sheets of three shapes, and the way of one through the pages."""

import csv
import io
from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook

from participants.hmis.services import advance_import
from participants.models import HmisImport


def workbook(rows, *, title="Report", more=()):
    """An XLSX of rows; `more` are further sheets as (title, rows)."""
    book = Workbook()
    page = book.worksheets[0]
    page.title = title
    for row in rows:
        page.append(row)
    for name, other in more:
        page = book.create_sheet(name)
        for row in other:
            page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_csv(rows, separator=","):
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows(rows)
    return out.getvalue()


def vendor_report(today):
    """A vendor's priority list: titles above, "Last, First", an id, a score, totals below."""

    def ago(days):
        return today - timedelta(days=days)

    return [
        ["Coordinated Entry Priority List"],
        ["Report generated", today],
        [],
        ["Client", "Unique Identifier", "DOB", "VI-SPDAT Score", "Veteran?", "SSN", "Location",
         "Assigned Agency", "County", "Date Added", "Last Contact"],
        ["Quillfeather, Xandra", "UQ-001", ago(12_000), 14, "No", "123-45-6789",
         "Emergency Shelter",
         "Bridge Housing", "Rice", ago(90), ago(3)],
        ["Zwick, Bartholomew", "UQ-002", ago(16_000), 9, "Yes", "987-65-4321", "Street outreach",
         "Bridge Housing", "Steele County", ago(40), ago(10)],
        ["Okonkwo, Adaeze", "UQ-003", ago(9_000), 11, "No", "", "Car", "Bridge Housing", "Rice",
         ago(20), None],
        ["Total", 3, None, 34],
        ["Grand total 3"],
    ]  # fmt: skip


def upload(client, content, *, name="list.xlsx", **typed):
    """Upload a file, or paste a text; return the page that answers."""
    if isinstance(content, bytes):
        typed["file"] = SimpleUploadedFile(name, content)
    else:
        typed["text"] = content
    return client.post(reverse("imports:sheet_add"), typed)


def newest():
    return HmisImport.objects.order_by("-started_at").first()


def guessed(client, hmis_import):
    """`{letter: key}` as the page of the columns offers them."""
    form = client.get(reverse("imports:sheet_columns", args=[hmis_import.pk])).context["form"]
    return {
        name.removeprefix("column_"): field.initial
        for name, field in form.fields.items()
        if name.startswith("column_")
    }


def match(client, hmis_import, *, name="Vendor report", changed=(), **typed):
    """Keep the guess, with what is changed of it."""
    columns = guessed(client, hmis_import) | dict(changed)
    data = {f"column_{letter}": key for letter, key in columns.items()}
    url = reverse("imports:sheet_columns", args=[hmis_import.pk])
    return client.post(url, {**data, "name": name, **typed})


def say_words(client, hmis_import, meanings):
    """Say what each word means, by `{word: choice}`."""
    url = reverse("imports:sheet_words", args=[hmis_import.pk])
    form = client.get(url).context["form"]
    data = {name: meanings[str(field.label)] for name, field in form.fields.items()}
    return client.post(url, data)


def work(hmis_import):
    """What the worker does."""
    advance_import(hmis_import.pk, now=timezone.now())
    hmis_import.refresh_from_db()
    return hmis_import


def apply(client, hmis_import):
    client.post(reverse("imports:import_confirm", args=[hmis_import.pk]), {"accepts": "on"})
    return work(hmis_import)
