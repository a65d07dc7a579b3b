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
from .hmis_entries import HmisEntry, HmisUser
from .households import AgeBand, HeadChange, HouseholdAct, HouseholdMember, age_band
from .merging import DuplicatePair, DuplicateSearch, Merge
from .names import FormerHead, KnownName
from .own_words import OwnWords
from .people import (
    IDENTITY,
    MOST_BEDROOMS,
    MOST_PEOPLE,
    AssessmentLevel,
    Document,
    Participant,
    ParticipantQuerySet,
    household_words,
)
from .places import ListPlace, LivingSituation, PlaceChange
from .releases import ENDS_SOON, Release, ReleaseQuerySet
from .returned import ReturnedCell, ReturnedList
from .rights import RightsRequest
from .spreadsheets import SheetRecord, SheetSource
from .views import SavedView

__all__ = [
    "ENDS_SOON",
    "IDENTITY",
    "MOST_BEDROOMS",
    "MOST_PEOPLE",
    "AgeBand",
    "AssessmentLevel",
    "Contact",
    "Document",
    "DuplicatePair",
    "DuplicateSearch",
    "FormerHead",
    "HeadChange",
    "HmisEntry",
    "HmisImport",
    "HmisLine",
    "HmisProject",
    "HmisRecord",
    "HmisRefusal",
    "HmisUploadPart",
    "HmisUser",
    "HouseholdAct",
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
    "ReturnedCell",
    "ReturnedList",
    "RightsRequest",
    "SavedView",
    "SheetRecord",
    "SheetSource",
    "age_band",
    "household_words",
]
