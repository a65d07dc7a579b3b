"""Which rows of this room are emptied when a record is de-identified."""

from agreements.models import AgencyAgreement, PersonalStatement
from participants import retention
from participants.living_with import forget_elsewhere
from participants.models import (
    Contact,
    DuplicatePair,
    FormerHead,
    HeadChange,
    HmisEntry,
    HmisLine,
    HmisRecord,
    HouseholdAct,
    HouseholdMember,
    LastAttempt,
    LivingSituation,
    Merge,
    PlaceChange,
    Release,
    ReturnedCell,
    RightsRequest,
    SheetRecord,
)
from participants.retention import Removal
from regions.models import Continuum


def nothing_said(value: object) -> dict[str, object]:
    return {}


def forget_where_they_lived(continuum: Continuum, removals: list[Removal]) -> None:
    """Take their HMIS IDs off who they were in another household, before it is forgotten where."""
    forget_elsewhere([each.pk for each in removals])


def register() -> None:
    """Say what is emptied with a record, of which rows of this room."""
    retention.register(
        PlaceChange, "participant", changed=["recorded_at"], label="changes of place"
    )
    retention.register(LivingSituation, "participant", changed=["recorded_at"], label="stays")
    retention.register(Contact, "participant", changed=["recorded_at"], label="contacts")
    retention.register(HouseholdMember, "participant", label="members of the household")
    retention.register_step(forget_where_they_lived)
    retention.register(FormerHead, "participant", label="former heads")
    retention.register(
        HouseholdAct,
        "participant",
        changed=["at", "undone_at"],
        label="acts on the household",
    )
    retention.register(HouseholdAct, "other", label="acts by which the household began")
    retention.register(
        HeadChange, "participant", changed=["recorded_at"], label="changes of the head"
    )
    retention.register(
        LastAttempt, "case__participant", changed=["recorded_at"], label="last attempts"
    )
    retention.register(
        Release, "participant", changed=["recorded_at", "revoked_at"], label="releases, with scans"
    )
    retention.register(RightsRequest, "participant", changed=["recorded_at"], label="requests")
    retention.register(Merge, "keeper", changed=["at", "undone_at"], label="merges")
    retention.register(Merge, "former", label="merges as the former record")
    retention.register(DuplicatePair, "one", label="possible duplicates, the one")
    retention.register(DuplicatePair, "other", label="possible duplicates, the other")
    retention.register_texts(AgencyAgreement, "revocation_reason", way="agency__continuum")
    retention.register_texts(PersonalStatement, "revocation_reason", way="form__continuum")
    retention.register(
        HmisRecord, "participant", label="words of HMIS", into={"said": nothing_said}
    )
    retention.register(ReturnedCell, "participant", label="changed cells of returned lists")
    retention.register(
        HmisEntry,
        "participant",
        changed=["answered_at", "given_at", "keyed_at"],
        label="entries for HMIS",
        into={"answers": nothing_said, "given": nothing_said},
    )
    retention.register(
        SheetRecord, "participant", label="words of spreadsheets", into={"said": nothing_said}
    )
    retention.register(
        HmisLine,
        "participant",
        label="lines of imports",
        into={"said": nothing_said, "former": nothing_said},
    )
