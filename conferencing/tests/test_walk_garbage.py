"""Nothing that is typed into an address or a form breaks a page."""

import pytest
from django.db import transaction
from django.urls import reverse

from conferencing.tests.test_walk import FIXED, ROWS
from conferencing.tests.world import signed_in

pytestmark = pytest.mark.django_db

# What forms and addresses are asked for, and never means anything.
FIELDS = """
    about adults agencies agency alias answer as chosen barriers because before birth_date careful
    changed_at code county days direction effective_on email flow form form_id how into
    is_reached is_released kind last_seen_on lead_days line link location location_words
    minutes months move name need next notes on order own_barriers owner page participant
    period person person_id preferences progress q reason region regions relation revision
    safety scan seen sends_minutes sequence show sort sources starts state status step
    strategy text title to week weekday what whose why words year youth_days
    columns navigator release source view order takes_choice is_shared
    answer answered_on by_whom disagreement outcome outside received_on since until
"""
GARBAGE = dict.fromkeys(FIELDS.split(), "\x00 <b>'; 9" * 9)
GETS, POSTS = [("get", GARBAGE)], [("post", {}), ("post", GARBAGE)]
WAYS = {"GET": GETS, "POST": POSTS, "BOTH": GETS + POSTS}


@pytest.mark.parametrize("role", ["specialist", "administrator", "provider"])
def test_nothing_and_garbage_break_no_page_that_may_be_opened(river_scene, role):
    client, keys = signed_in(river_scene.people[role]), river_scene.keys
    broken = []
    for address, (method, cells) in ROWS.items():
        url = reverse(address, kwargs=keys.get(address, FIXED.get(address)))
        for way, data in WAYS[method] if cells[role] in ("200", "204", "302") else []:
            with transaction.atomic():
                status = getattr(client, way)(url, data).status_code
                transaction.set_rollback(True)
            if status >= 500:
                broken.append((way, address, bool(data), status))
    assert broken == []
