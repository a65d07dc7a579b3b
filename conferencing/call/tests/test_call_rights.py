"""A change of rights reaches the open pages of a running call within one look."""

from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from agreements.models import Agency, StaffMember
from agreements.services.agreements import revoke_agreement
from agreements.services.people import move_person
from agreements.services.statements import revoke_statement
from conferencing.call.rights import DECIDES
from conferencing.rotation.roles import change_role
from conferencing.tests.world import signed_in
from participants.models import Participant, Release
from participants.services.participants import change_participant
from participants.services.releases import revoke_release
from participants.tests.factories import make_participant, record_paper
from regions.models import Continuum, Membership
from regions.tests.factories import today_in

from .test_call_queries import counted, held_call

pytestmark = pytest.mark.django_db
NAME = "Ana Example0"


class OpenPage:
    """The page of a call as a browser holds it: what it looked at last, and what it shows."""

    def __init__(self, user, meeting, review):
        self.client, self.meeting, self.review = signed_in(user), meeting, review
        page = self.client.get(reverse("conferencing:call_detail", args=[meeting.pk]))
        self.rights = page.context["rights"]
        self.version = page.context["call"].version
        self.shown = self.fetch()
        assert self.look() == "news"  # the second part of the stamp

    def fetch(self):
        household = reverse("conferencing:call_household", args=[self.meeting.pk, self.review.pk])
        agenda = reverse("conferencing:call_frame", args=[self.meeting.pk])
        pages = [self.client.get(url) for url in (household, agenda)]
        return "".join(page.content.decode() for page in pages if page.status_code == 200)

    def look(self):
        """One look, as the page's script takes it; returns what the page does after it."""
        asked = {"v": self.version, "s": self.rights, "r": str(self.review.pk)}
        answer = self.client.get(reverse("conferencing:call_live", args=[self.meeting.pk]), asked)
        if answer.status_code == 204:
            return "nothing"
        if answer.status_code != 200:
            return "load"
        news = answer.json()
        self.rights, self.version = news["rights"], news["version"]
        if news["renew"]:
            self.shown = self.fetch()
        return "renew" if news["renew"] else "news"


@pytest.fixture
def held(river, region_2, river_agency, river_provider):
    return held_call(river, region_2, river_agency, river_provider, households=2, months=1)


@pytest.fixture
def page(held, river_other_provider):
    """Open before the eyes of somebody of another agency, who sees the name by a release."""
    opened = OpenPage(river_other_provider, *held)
    assert NAME in opened.shown
    assert opened.look() == "nothing"
    return opened


def release_of(page):
    return Release.objects.get(participant=page.review.participant)


def revoke_by_hand(page, cast):
    """Past every service, as a console does it."""
    release = release_of(page)
    release.revoked_at, release.revocation_reason = timezone.now(), "Asked to"
    release.save()


def end_by_sql(page, cast):
    yesterday = (timezone.now() - timedelta(days=3)).date()
    Release.objects.filter(participant=page.review.participant).update(expires_on=yesterday)


def revoke(page, cast):
    revoke_release(release_of(page), actor=cast["provider"], reason="Asked to", now=timezone.now())


def change_setting(page, cast):
    Continuum.objects.filter(pk=page.meeting.continuum_id).update(purpose="Another one")


@pytest.fixture
def cast(river, river_provider, river_other_provider, river_specialist, river_administrator):
    return {
        "provider": river_provider,
        "other": river_other_provider,
        "specialist": river_specialist,
        "administrator": river_administrator,
    }


@pytest.mark.parametrize(
    "act",
    [revoke, revoke_by_hand, end_by_sql],
)
def test_a_name_goes_from_an_open_page_at_the_next_look(page, cast, act):
    act(page, cast)

    assert page.look() == "renew"
    assert NAME not in page.shown
    assert page.look() == "nothing"


def rename(page, cast):
    person = Participant.objects.get(pk=page.review.participant_id)
    change_participant(
        person,
        changed_at=person.changed_at,
        actor=cast["provider"],
        now=timezone.now(),
        name="Zora Safehaven",
    )


def rename_by_sql(page, cast):
    Participant.objects.filter(pk=page.review.participant_id).update(named_by=cast["provider"])


@pytest.mark.parametrize("act", [rename, rename_by_sql])
def test_a_name_goes_from_the_page_of_who_typed_it_once_another_is_on_file(
    held, cast, river_other_provider, act
):
    meeting, review = held
    revoke_release(
        Release.objects.get(participant=review.participant),
        actor=cast["provider"],
        reason="Asked to",
        now=timezone.now(),
    )
    Participant.objects.filter(pk=review.participant_id).update(named_by=river_other_provider)
    page = OpenPage(river_other_provider, meeting, review)
    assert NAME in page.shown
    assert page.look() == "nothing"
    act(page, cast)
    assert page.look() == "renew"
    assert NAME not in page.shown


def test_a_name_in_a_text_goes_from_an_open_page_once_somebody_is_on_file_by_it(
    held, cast, river_agency, region_2, river_other_provider
):
    meeting, review = held
    review.notes = "Zora Safehaven lets her stay."
    review.save()
    page = OpenPage(river_other_provider, meeting, review)
    assert "Zora Safehaven" in page.shown
    make_participant(river_agency, region_2, name="Zora Safehaven")
    assert page.look() == "renew"
    assert "Safehaven" not in page.shown


def test_a_name_comes_to_an_open_page_at_the_next_look(held, cast, river_other_provider):
    meeting, review = held
    release = Release.objects.get(participant=review.participant)
    revoke_release(release, actor=cast["provider"], reason="Asked to", now=timezone.now())
    page = OpenPage(river_other_provider, meeting, review)
    assert NAME not in page.shown

    on = today_in(meeting.continuum.zone)
    record_paper(
        review.participant,
        by=cast["provider"],
        signed_on=on - timedelta(days=2),
        expires_on=on + timedelta(days=90),
    )

    assert page.look() == "renew"
    assert NAME in page.shown


def end_agreement(page, cast):
    place = StaffMember.objects.get(user=cast["other"])
    for agreement in place.agency.agreements.all():
        revoke_agreement(agreement, actor=cast["administrator"], reason="Lapsed")


def end_statement(page, cast):
    for statement in cast["other"].statements.all():
        revoke_statement(statement, actor=cast["administrator"], reason="Lapsed")


def close_agency(page, cast):
    Agency.objects.filter(staff__user=cast["other"]).update(is_active=False)


@pytest.mark.parametrize("act", [end_agreement, end_statement, close_agency])
def test_who_is_no_longer_in_standing_is_sent_away_at_the_next_look(page, cast, act):
    act(page, cast)

    assert page.look() == "load"


def test_whose_place_ended_is_sent_away_at_the_next_look(page, cast):
    StaffMember.objects.filter(user=cast["other"]).update(ended_on=timezone.now().date())

    assert page.look() == "load"


def move(page, cast):
    place = StaffMember.objects.get(user=cast["other"])
    agency = StaffMember.objects.get(user=cast["provider"]).agency
    move_person(place, actor=cast["administrator"], agency=agency, function=place.function)


def lose_role(page, cast):
    Membership.objects.filter(user=cast["other"]).update(is_specialist=True)
    page.look()
    Membership.objects.filter(user=cast["other"]).update(is_specialist=False)


@pytest.mark.parametrize("act", [move, lose_role, change_setting])
def test_another_place_role_or_setting_makes_an_open_page_anew(page, cast, act):
    act(page, cast)

    assert page.look() == "renew"


def test_a_role_at_the_call_is_told(page, cast):
    place = StaffMember.objects.get(user=cast["other"])
    change_role(
        page.meeting,
        "facilitator",
        agency=place.agency,
        person=place,
        actor=cast["specialist"],
        now=timezone.now(),
    )

    assert page.look() in ("news", "renew")


def test_what_changes_in_another_continuum_makes_no_page_anew(page, cast, three, three_specialist):
    Continuum.objects.filter(pk=three.pk).update(purpose="Of no concern here")
    assert page.look() == "news"
    assert page.look() == "nothing"


def test_a_change_that_commits_late_is_noticed(page, cast):
    """One whose number is lower than another's that was committed before it."""
    table = Release.pgh_event_model._meta.db_table
    revoke(page, cast)
    assert page.look() == "renew"
    with connection.cursor() as cursor:
        columns = [
            field.column
            for field in Release.pgh_event_model._meta.concrete_fields
            if field.column != "pgh_id"
        ]
        names = ", ".join(f'"{column}"' for column in columns)
        cursor.execute(
            f"""INSERT INTO {table} (pgh_id, {names})
            SELECT (SELECT min(pgh_id) FROM {table}) - 1, {names} FROM {table} LIMIT 1"""
        )
    assert page.look() != "nothing"


def test_a_look_costs_two_statements(page):
    asked = {"v": page.version, "s": page.rights}
    live = reverse("conferencing:call_live", args=[page.meeting.pk])
    number, answer = counted(lambda: page.client.get(live, asked))
    assert (number, answer.status_code) == (2, 204)


def test_all_that_decides_keeps_a_history():
    assert all(hasattr(model, "pgh_event_model") for model in DECIDES)
