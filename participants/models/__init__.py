"""The people under review, their place on the by-name list, and what they released."""

from .contact import Contact, InactivityRule, LastAttempt, OutflowCase, OutflowRound
from .hmis import (
    HmisImport,
    HmisLine,
    HmisProject,
    HmisRecord,
    HmisRefusal,
    HmisUploadPart,
)
from .households import AgeBand, HeadChange, HouseholdMember, age_band
from .merging import DuplicatePair, DuplicateSearch, Merge
from .names import KnownName
from .own_words import OwnWords
from .people import Participant, ParticipantQuerySet
from .places import ListPlace, LivingSituation, PlaceChange
from .releases import ENDS_SOON, Release, ReleaseQuerySet
from .rights import RightsRequest
from .views import SavedView

__all__ = [
    "ENDS_SOON",
    "AgeBand",
    "Contact",
    "DuplicatePair",
    "DuplicateSearch",
    "HeadChange",
    "HmisImport",
    "HmisLine",
    "HmisProject",
    "HmisRecord",
    "HmisRefusal",
    "HmisUploadPart",
    "HouseholdMember",
    "InactivityRule",
    "KnownName",
    "LastAttempt",
    "ListPlace",
    "LivingSituation",
    "Merge",
    "OutflowCase",
    "OutflowRound",
    "OwnWords",
    "Participant",
    "ParticipantQuerySet",
    "PlaceChange",
    "Release",
    "ReleaseQuerySet",
    "RightsRequest",
    "SavedView",
    "age_band",
]
