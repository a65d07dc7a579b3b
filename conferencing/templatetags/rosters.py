"""What a household's page says of rosters, which stand above the reviews that it shows."""

from django import template
from django.utils import timezone

from accounts.models import User
from conferencing.roster.moving_on import LeftBehind, left_behind
from participants.models import Participant

register = template.Library()


@register.simple_tag
def rosters_left_behind(participant: Participant, user: User) -> list[LeftBehind]:
    """`{% rosters_left_behind participant user as found %}`: for whoever may move it on."""
    found = left_behind(participant, timezone.now())
    return found if found and user.has_perm("regions.plan_calls", participant.continuum) else []
