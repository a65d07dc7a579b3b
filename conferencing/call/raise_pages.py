"""What the page shows on which a household is raised: where it is looked for, and what is found."""

from datetime import date, datetime
from uuid import uuid4

from django.forms import Form

import audit.actions
import audit.services
from accounts.models import User
from agreements.models import Agency
from agreements.models.agencies import AgencyQuerySet
from conferencing.models import Attendance, Meeting
from participants.disclosures import shown_to
from participants.models import Participant
from participants.models.people import ParticipantQuerySet
from participants.naming import Label, labels

SEARCHED = audit.actions.register("call.searched", "Looked for a household to raise on a call")


def keeping_agencies(meeting: Meeting, user: User, on: date) -> AgencyQuerySet:
    """Agencies for which `user` may add a household on the call: their own; a specialist's, all."""
    agencies = Agency.objects.filter(continuum=meeting.continuum_id).in_good_standing(on)
    own = agencies.with_place_of(user)
    return own if own.exists() else agencies.order_by("name")


def only_one(agencies: AgencyQuerySet) -> Agency | None:
    """The agency, where there is just one to choose."""
    found = list(agencies[:2])
    return found[0] if len(found) == 1 else None


def households_to_raise(meeting: Meeting, user: User, on: date) -> ParticipantQuerySet:
    """On the by-name list, and known to `user` or kept by the agency of somebody who is here.

    Visitors of another region bring their own households; whoever leads the call finds them.
    """
    here = Attendance.objects.filter(meeting=meeting, is_present=True, agency__isnull=False)
    visible = Participant.objects.visible_to(user, on)
    brought = Participant.objects.filter(
        continuum=meeting.continuum_id, agency__in=here.values("agency")
    )
    return (visible | brought).on_the_list().filter(continuum=meeting.continuum_id)


def found_rows(
    meeting: Meeting, people: list[Participant], user: User, now: datetime
) -> list[tuple[Participant, Label, bool]]:
    """Households that a search on the call found, by their labels; on the agenda already or not."""
    names = labels(people, user, now)
    listed = set(meeting.roster.values_list("participant", flat=True))
    if people:
        audit.services.record(
            SEARCHED,
            actor=user,
            about=meeting,
            detail=shown_to(names),
            now=now,
        )
    return [(person, names[person.pk], person.pk in listed) for person in people]


def new_key(form: Form) -> object:
    """The form's own key: the one it was sent with, or a new one."""
    return form["key"].value() if form.is_bound else uuid4()
