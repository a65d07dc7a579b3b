"""Who is of a household and what it needs, as one short text: it differs once any of that does."""

import hashlib
import uuid
from collections.abc import Collection

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q
from django.db.models.functions import JSONObject

from participants.models import HeadChange, HouseholdMember, Participant

# Names, aliases and contacts are corrected; who navigates is the agency's own matter.
WHAT = (
    "region",
    "county",
    "agency",
    "adults",
    "children",
    "is_unsheltered",
    "is_youth",
    "is_veteran",
    "is_chronic",
    "needs_shelter",
    "is_prioritized",
    "referral_active_on",
    "bedrooms",
    "documents",
    "assessment_level",
    "place__status",
)


def as_they_are(keys: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return `{participant's key: digest}`. One query, none without keys."""
    if not keys:
        return {}
    one = OuterRef("pk")
    heads = HeadChange.objects.filter(participant=one).order_by("pk").values("pk")
    members = (
        HouseholdMember.objects.filter(Q(participant=one) | Q(participant__merged_into=one))
        .order_by("since", "relation", "age_band", "until")
        .values(said=JSONObject(relation=F("relation"), age=F("age_band"), until=F("until")))
    )
    rows = Participant.every.filter(pk__in=keys).values_list(
        "pk", *WHAT, ArraySubquery(heads), ArraySubquery(members)
    )
    return {key: hashlib.sha256(repr(rest).encode()).hexdigest()[:32] for key, *rest in rows}
