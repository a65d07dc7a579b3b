"""The page of the hour: who sees and does what, and what the server answers."""

import json
from uuid import uuid4

import pytest
from django.urls import reverse

from agreements.models import StaffMember
from conferencing.models import ActionItem, Review

pytestmark = pytest.mark.django_db


def at(name, meeting, *keys):
    return reverse(f"conferencing:{name}", args=[meeting.pk, *keys])


def save(client, review, values, *, base=None, kept=None):
    base = Review.objects.get(pk=review.pk).revision if base is None else base
    return client.post(
        at("notes_save", review.meeting, review.pk),
        json.dumps({"base": base, "values": values, "kept": kept or {}}),
        content_type="application/json",
    )


def step_values(user, **changes):
    values = {
        "key": str(uuid4()),
        "what": "Call the landlord",
        "follow_up_person": str(StaffMember.objects.get(user=user).pk),
        "due_on": "2027-01-14",
    }
    return values | changes


def test_step_add_gives_it_once_with_person_and_date(client, review, river_provider):
    client.force_login(river_provider)
    url = at("step_add", review.meeting, review.pk)
    values = step_values(river_provider)
    assert client.post(url, values).status_code == 204
    assert client.post(url, values).status_code == 204
    step = ActionItem.objects.get(review=review)
    assert (step.what, step.follow_up_person.user, step.participant) == (
        "Call the landlord",
        river_provider,
        review.participant,
    )
