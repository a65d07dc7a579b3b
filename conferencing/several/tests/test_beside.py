"""An act on several households beside somebody's act on one of them: neither fails."""

import threading
import time
import uuid
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from conferencing.several import acts
from participants.models import Contact, PlaceChange
from participants.services.contacts import record_contact
from participants.services.places import locked
from participants.services.rounds import close_round, record_attempt, results, seen_of, with_cases
from participants.services.sheets import plan_sheet, replace_sheet
from participants.tests.factories import make_inactivity, make_participant
from participants.tests.test_rounds import begin
from regions.tests.factories import today_in

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def somebody_meets(person, user):
    """Beside the block somebody holds this household a while, then records; gives what failed."""
    is_held, failed = threading.Event(), []

    def meet():
        try:
            with transaction.atomic():
                locked(person)
                is_held.set()
                time.sleep(0.5)  # meanwhile the block comes to it
                record_contact(
                    person,
                    kind=Contact.Kind.SPOKE,
                    happened_on=today_in(),
                    actor=user,
                    now=timezone.now(),
                )
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    beside = threading.Thread(target=meet)
    beside.start()
    is_held.wait()
    yield failed
    beside.join()


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
    with somebody_meets(last, river_provider) as failed:
        refused = act.run(people, values, actor=river_provider, now=now)
    assert (failed, refused) == ([], {})
    assert last.contacts.filter(kind=Contact.Kind.SPOKE).exists()


def test_a_round_is_closed_beside_somebody_who_holds_one_of_its_households(
    river, river_agency, region_2, river_provider, river_specialist
):
    make_inactivity(river)
    for _ in range(2):
        make_participant(river_agency, region_2, days=200)
    round = begin(river, river_specialist)
    now = timezone.now()
    for case in round.cases.all():
        record_attempt(
            case,
            how="phone",
            happened_on=today_in(river.zone),
            words="",
            is_reached=False,
            actor=river_provider,
            now=now,
        )
    seen = seen_of(results(round, today_in(river.zone)))
    last = list(with_cases(round))[-1].participant
    with somebody_meets(last, river_provider) as failed:
        moved = close_round(round, seen=seen, actor=river_specialist, now=now)
    assert (failed, moved) == ([], 2)


def test_a_sheet_is_replaced_beside_somebody_who_holds_one_of_its_households(
    river_vsp_agency, region_2, river_vsp_provider
):
    people = [make_participant(river_vsp_agency, region_2, name=None) for _ in range(2)]
    act = {"actor": river_vsp_provider, "now": timezone.now()}
    text = "alias,people\nWren-77,1\n"
    seen = plan_sheet(river_vsp_agency, text, region=region_2).seen
    with somebody_meets(people[-1], river_vsp_provider) as failed:
        plan = replace_sheet(river_vsp_agency, text, region=region_2, seen=seen, **act)
    assert (failed, len(plan.gone)) == ([], 2)
