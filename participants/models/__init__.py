"""The people under review, their place on the by-name list, and what they released."""

from .contact import Contact, InactivityRule, LastAttempt, OutflowCase, OutflowRound
from .people import (
    ListPlace,
    LivingSituation,
    Participant,
    ParticipantQuerySet,
    PlaceChange,
    Release,
    ReleaseQuerySet,
)

__all__ = [
    "Contact",
    "InactivityRule",
    "LastAttempt",
    "ListPlace",
    "LivingSituation",
    "OutflowCase",
    "OutflowRound",
    "Participant",
    "ParticipantQuerySet",
    "PlaceChange",
    "Release",
    "ReleaseQuerySet",
]
