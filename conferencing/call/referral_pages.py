"""The referrals with which a call opens: those under way, and what became of others since the last.

Source: Three County, “Purpose”: placements in open and available housing opportunities.
"""

from datetime import datetime

from django.db.models import Q

from accounts.models import User
from conferencing.models import Meeting
from housing.models import Referral
from housing.referrals.pages import ReferralRow, record_look, referral_rows, with_all
from regions.clock import local_day


def referrals_page(meeting: Meeting, viewer: User, *, now: datetime) -> dict[str, object]:
    """Those of the call's region, late ones first, as this viewer may read them; recorded."""
    on = local_day(now, meeting.continuum.zone)
    held = Meeting.objects.filter(
        continuum=meeting.continuum_id,
        region=meeting.region_id,
        starts_at__lt=meeting.starts_at,
        call__isnull=False,
    )
    former = held.order_by("-starts_at").first()
    rows = Referral.objects.visible_to(viewer, on).filter(continuum=meeting.continuum_id)
    if meeting.region_id:
        rows = rows.filter(participant__region=meeting.region_id)
    is_under_way = Q(state__in=Referral.UNDER_WAY)
    rows = rows.filter(is_under_way | Q(since__gte=former.starts_at) if former else is_under_way)
    found = referral_rows(with_all(rows), viewer, now=now)
    record_look(found, viewer, now=now)
    return {
        "meeting": meeting,
        "former": former,
        "under_way": [each for each in found if each.referral.is_under_way],
        "ended": [each for each in found if not each.referral.is_under_way],
        "late": count_late(found),
    }


def count_late(rows: list[ReferralRow]) -> int:
    return sum(each.is_overdue for each in rows)
