"""An entry of the audit about a row is of the row's continuum, which its model tells."""

import ast

import pytest
from django.apps import apps
from django.db.models import UUIDField

from audit.models import AuditEntry
from audit.services import CONTINUUM_ID
from run.bootstrap import BASE

pytestmark = pytest.mark.django_db

# By which columns each model that has none of its own leads to the continuum.
PATHS = {
    "agreements.agencyagreement": "agency__continuum",
    "agreements.personalstatement": "form__continuum",
    "agreements.staffmember": "agency__continuum",
    "conferencing.actionitem": "participant__continuum",
    "conferencing.addendum": "meeting__continuum",
    "conferencing.calendarfeed": "user__membership__continuum",
    "conferencing.meetingrole": "meeting__continuum",
    "conferencing.minutes": "meeting__continuum",
    "conferencing.minutesdelivery": "minutes__meeting__continuum",
    "conferencing.nomination": "meeting__continuum",
    "conferencing.nothingtodiscuss": "meeting__continuum",
    "conferencing.preplist": "meeting__continuum",
    "conferencing.preplistdelivery": "prep_list__meeting__continuum",
    "conferencing.review": "meeting__continuum",
    "conferencing.roleswap": "role__meeting__continuum",
    "housing.eligibilityrule": "program__continuum",
    "housing.opening": "program__continuum",
    "participants.outflowcase": "round__continuum",
    "participants.release": "participant__continuum",
    "participants.rightsrequest": "participant__continuum",
    "regions.continuum": "pk",
    "regions.county": "region__continuum",
}
# Entries about a row that name a continuum beside it, and why.
BESIDE = {
    # a person, who has a continuum only by their role
    "accounts/services.py": "user",
    "agreements/services/people.py": "place.user",
    "agreements/services/team.py": "membership.user",
    # a region, or none where the file is of all of them
    "conferencing/follow_through/figures_file.py": "region",
    "conferencing/follow_through/file.py": "region",
    # a row that is gone by then
    "regions/services.py": "about",
}


def telling():
    """The models that tell their continuum without a column of it."""
    for model in apps.get_models():
        if isinstance(getattr(model, CONTINUUM_ID, None), property):
            yield model._meta.label_lower, model


def test_each_model_tells_the_continuum_that_its_columns_lead_to(world):
    found = dict(telling())
    assert set(found) == set(PATHS)
    unseen = set()
    for label, model in found.items():
        rows = model._base_manager.all()
        asked = dict(rows.values_list("pk", PATHS[label]))
        assert {row.pk: row.continuum_id for row in rows} == asked
        unseen |= {label} if not asked else set()
    assert unseen == set()


def test_a_column_of_that_name_holds_the_key_of_a_continuum():
    columns = [
        model._meta.get_field("continuum")
        if "continuum" in {field.name for field in model._meta.fields}
        else model._meta.get_field(CONTINUUM_ID)
        for model in apps.get_models()
        if hasattr(model, CONTINUUM_ID) and model._meta.label_lower not in PATHS
    ]
    continuum = apps.get_model("regions.continuum")
    assert len(columns) > 20
    for column in columns:
        assert isinstance(column, UUIDField) or column.related_model is continuum, column


def test_no_caller_names_a_continuum_that_the_row_tells():
    found = {}
    for path in sorted(BASE.glob("[a-z]*/**/*.py")):
        place = path.relative_to(BASE)
        if {"tests", "migrations"} & set(place.parts) or place.parts[0] == "audit":
            continue
        for each in ast.walk(ast.parse(path.read_text())):
            if isinstance(each, ast.Call):
                given = {one.arg: ast.unparse(one.value) for one in each.keywords}
                if {CONTINUUM_ID, "about"} <= set(given):
                    found[str(place)] = given["about"]
    assert found == BESIDE


def test_entries_of_a_scene_are_of_the_continuum_of_their_row(world):
    checked = 0
    for entry in AuditEntry.objects.all():
        row = entry.is_about_a_row and apps.get_model(entry.object_type)._base_manager.filter(
            pk=entry.object_id
        )
        told = row.first() if row else None
        if hasattr(type(told), CONTINUUM_ID):
            assert entry.continuum_id == told.continuum_id, entry
            checked += 1
    assert checked
