"""An act on several households beside somebody's act on one of them: neither fails."""

import threading
import time
import uuid
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from conferencing.several import acts
from participants.models import Contact, PlaceChange
from participants.services.contacts import record_contact
from participants.services.places import locked
from participants.tests.factories import make_participant
from regions.tests.factories import today_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("act", [acts.CONTACT, acts.PLACE, acts.NAVIGATOR, acts.RELEASE])
def test_several_beside_one_who_holds_the_last_of_them(act, river_agency, region_2, river_provider):
    on, now = today_in(), timezone.now()
    people = [make_participant(river_agency, region_2, alias=f"Heron-{n}") for n in range(2)]
    last = max(people, key=lambda each: each.pk)
    people.sort(key=lambda each: each.pk)
    values = {
        acts.CONTACT: {"pk": uuid.uuid4(), "kind": Contact.Kind.SEEN, "on": on},
        acts.PLACE: {"flow": PlaceChange.Flow.INACTIVE, "on": on, "reason": "Not met"},
        acts.NAVIGATOR: {"navigator": river_provider.places.get()},
        acts.RELEASE: {
            "pk": uuid.uuid4(),
            "form_version": "ROI 3",
            "covers_case_conferencing": True,
            "to_all_partners": True,
            "agencies": [],
            "scan": None,
            "signed_on": on,
            "expires_on": on + timedelta(days=365),
        },
    }[act]
    is_held = threading.Event()
    failed = []

    def meet_the_last() -> None:
        try:
            with transaction.atomic():
                locked(last)
                is_held.set()
                time.sleep(0.5)  # meanwhile the other act comes to it
                record_contact(
                    last,
                    kind=Contact.Kind.SPOKE,
                    happened_on=on,
                    actor=river_provider,
                    now=now,
                )
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    beside = threading.Thread(target=meet_the_last)
    beside.start()
    is_held.wait()
    done, refused = acts.do_for_each(act, people, values, actor=river_provider, now=now)
    beside.join()
    assert (failed, refused, len(done)) == ([], {}, 2)
    assert last.contacts.filter(kind=Contact.Kind.SPOKE).exists()
