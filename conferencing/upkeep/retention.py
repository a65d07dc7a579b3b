"""What the meetings’ room takes out of its rows and frozen documents with a record."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from conferencing.barriers import WORDS
from conferencing.call.guests import is_staff
from conferencing.elements import ELEMENTS, LISTS
from conferencing.models import (
    ActionItem,
    Addendum,
    Attendance,
    CallGuest,
    Meeting,
    MeetingRole,
    Minutes,
    Nomination,
    PrepList,
    PreWork,
    ProgressUpdate,
    Review,
    RoleSwap,
    RosterEntry,
    SystemicBarrier,
)
from outbox.models import Letter, Message
from participants import retention
from participants.folding import fold
from participants.known_names import staying_of
from participants.models import LivingSituation
from participants.redaction import Cleaner, cleaner_of, without_name
from participants.retention import REMOVED, Removal
from regions.models import Continuum

Part = dict[str, Any]  # of a frozen snapshot, as it was at its time
KINDS = tuple(str(each) for each in LivingSituation.Kind.labels)


def catalogued(barriers: Iterable[str] | None) -> list[str]:
    """The barriers that were chosen from the catalogue: words of nobody in particular."""
    known = set(WORDS.values())
    return [words for words in barriers or [] if words in known]


BARRIER_LISTS = {"barriers": catalogued, "systemic": catalogued}


# In a snapshot: who somebody is, shown by the label, and what nobody typed about a household.
NO_WORDS = {
    *("id", "participant", "alias", "name", "former_names", "agency", "agency_id", "owner"),
    *("county", "status", "household", "due", "reviewed_on", "label", "kind", "duty", "changed"),
    *("location_changed", "fact", "person", "region", "date", "time", "link"),
    *(*MeetingRole.Role.values, "nothing_by", "held", "purpose", "guests", "organization"),
}


def deidentify_meetings(continuum: Continuum, removals: list[Removal]) -> retention.Events:
    """Rewrite what was frozen, what was said of whole calls, and who was there as a guest."""
    by_key = {each.key: each for each in removals}
    cleaner = cleaner_of(removals, staying_of(continuum.pk))
    for prep_list in PrepList.objects.filter(meeting__continuum=continuum).iterator(chunk_size=20):
        is_about, names_some = strip_list(prep_list, by_key), clean_frozen(prep_list, cleaner)
        if is_about or names_some:
            prep_list.save(update_fields=["snapshot", "correction_reason"])
            forget_letters(prep_list.deliveries.all())
            prep_list.deliveries.exclude(password__isnull=True).update(password=None)
    for minutes in Minutes.objects.filter(meeting__continuum=continuum).iterator(chunk_size=20):
        is_about, names_some = strip_minutes(minutes, by_key), clean_frozen(minutes, cleaner)
        if is_about or names_some:
            minutes.save(update_fields=["snapshot"])
            forget_letters(minutes.deliveries.all())
            minutes.deliveries.exclude(password__isnull=True).update(password=None)
        if is_about:
            strip_whole_call(minutes.meeting_id, by_key.values())
    return {User: let_guests_go(removals)}


def clean_frozen(document: PrepList | Minutes, cleaner: Cleaner) -> bool:
    """Take the names out of what a frozen document says of others; return whether it held one.

    From now on nothing tells that they are names: no reader's copy could leave them out.
    """
    former, document.snapshot = document.snapshot, without_names(document.snapshot, cleaner)
    return bool(document.snapshot != former)


def without_names(value: object, cleaner: Cleaner, key: str = "") -> object:
    """The part of a snapshot, its typed words without the names; `key`: what it is called there."""
    if isinstance(value, dict):
        is_walk_in = value.get("has_account") is False  # their name was typed
        return {
            name: without_names(each, cleaner, "" if is_walk_in else name)
            for name, each in value.items()
        }
    if isinstance(value, list):
        return [without_names(each, cleaner, key) for each in value]
    return cleaner.clean(value) if isinstance(value, str) and key not in NO_WORDS else value


def forget_letters(deliveries: QuerySet[Any]) -> None:  # Any: of lists, or of minutes
    """Forget the mails that are kept to be repeated: they show what was just taken out."""
    Letter.objects.filter(message__in=deliveries.values("message")).delete()


def strip_list(prep_list: PrepList, by_key: Mapping[str, Removal]) -> bool:
    """Take the records out of a list's snapshot; return whether it held any of them."""
    snapshot = prep_list.snapshot
    rows = [row for row in snapshot["participants"] if row["id"] in by_key]
    steps = [step for step in snapshot["steps"] if step["participant"] in by_key]
    for row in rows:
        row.pop("former_names", None)
        row.pop("typed", None)
        row.pop("sent_word", None)
        row |= {
            "name": None,
            "alias": by_key[row["id"]].alias,
            "reasons": [],
            "changes": [],
            "steps": [strip_step(step, by_key[row["id"]]) for step in row["steps"]],
        }
        if row["elements"]:
            row["elements"] |= {
                "location": kind_of(row["elements"]["location"]),
                **{each.key: REMOVED for each in ELEMENTS if each.is_text},
                **{name: catalogued(row["elements"][name]) for name in LISTS},
                "notes": "",
                "decisions": [],
            }
    snapshot["steps"] = [
        strip_step(step, by_key[step["participant"]]) if step["participant"] in by_key else step
        for step in snapshot["steps"]
    ]
    for removal in by_key.values():
        if rows and removal.name:
            prep_list.correction_reason = without_name(
                prep_list.correction_reason, removal.name, removal.alias
            )
    return bool(rows or steps)


def strip_step(step: Part, removal: Removal) -> Part:
    kept = {key: value for key, value in step.items() if key not in ("former_names", "typed")}
    return kept | {
        "name": None,
        "alias": removal.alias,
        "what": REMOVED,
        "report": step["report"].split(":")[0],
    }


def kind_of(location: str) -> str:
    """The kind of stay alone, of a kind with a place in words behind it."""
    for kind in KINDS:
        if re.match(rf"{re.escape(kind)}(:|$)", location):
            return kind
    return "Not recorded"


def strip_minutes(minutes: Minutes, by_key: Mapping[str, Removal]) -> bool:
    """Take the records out of the minutes' snapshot; return whether it held any of them."""
    rows = [row for row in minutes.snapshot["households"] if row["id"] in by_key]
    for row in rows:
        row.pop("former_names", None)
        row.pop("typed", None)
        row |= {
            "name": None,
            "alias": by_key[row["id"]].alias,
            "because": "",
            "notes": "",
            "no_step_reason": "",
            "elements": [strip_element(each) for each in row["elements"]],
            "decisions": [each | {"words": ""} for each in row["decisions"]],
            "steps": [each | {"what": REMOVED} for each in row["steps"]],
            "reported": [each | {"what": REMOVED, "line": ""} for each in row.get("reported", [])],
        }
    return bool(rows)


def strip_element(element: Part) -> Part:
    texts = element["texts"]
    declared = next((each for each in ELEMENTS if each.title == element["label"]), None)
    if declared and declared.is_place:
        texts = [each | {"words": kind_of(each["words"])} for each in texts]
    elif declared and declared.is_list:
        texts = [each for each in texts if catalogued([each["words"]])]
    else:
        texts = []
    return element | {"texts": texts}


def strip_whole_call(meeting_id: UUID, removals: Iterable[Removal]) -> None:
    """Words about a whole call, and who walked in: without the names."""
    names = {each.name: each.alias for each in removals if each.name}
    for addendum in Addendum.objects.filter(meeting=meeting_id, review__isnull=True):
        for name, alias in names.items():
            addendum.words = without_name(addendum.words, name, alias)
        addendum.save(update_fields=["words"])
    known = {fold(each) for name in names for each in name.split("\n")}
    for row in Attendance.objects.filter(meeting=meeting_id, user__isnull=True):
        if fold(row.name or "") in known:
            row.name = "Guest"
            row.save(update_fields=["name"])


def let_guests_go(removals: Iterable[Removal]) -> dict[int, dict[str, str]]:
    """Accounts of guests of these households, who are no staff: without name and address.

    Returns what is to change in their history.
    """
    history: dict[int, dict[str, str]] = {}
    keys = [each.pk for each in removals]
    invited = CallGuest.objects.filter(participant__in=keys).values("user")
    others = CallGuest.objects.exclude(participant__in=keys).values("user")
    for user in User.objects.filter(pk__in=invited).exclude(pk__in=others):
        if is_staff(user):
            continue
        user.name, user.email = "Former guest", f"{user.pk.hex}@guest.invalid"
        user.is_active = False
        user.set_unusable_password()
        user.save(update_fields=["name", "email", "is_active", "password"])
        model = User.pgh_event_model  # type: ignore[attr-defined]  # pghistory's
        events = model.objects.filter(pgh_obj=user.pk).values_list("pk", flat=True)
        history |= {key: {"name": user.name, "email": user.email} for key in events}
        Message.objects.filter(user=user).update(address=user.email)
    return history


def register() -> None:
    """Say what is emptied with a record, of which rows of this room."""
    retention.register(
        Review, "participant", changed=["saved_at"], label="reviews", into=BARRIER_LISTS
    )
    retention.register(
        ActionItem, "participant", changed=["created_at", "closed_at"], label="steps"
    )
    retention.register(
        ProgressUpdate, "step__participant", changed=["at"], label="reports on steps"
    )
    retention.register(
        PreWork, "participant", changed=["at"], label="pre-work", into={"barriers": catalogued}
    )
    retention.register(Nomination, "participant", changed=["at"], label="nominations")
    retention.register(RosterEntry, "participant", changed=["added_at"], label="places on rosters")
    retention.register(
        CallGuest, "participant", changed=["safety_shown_at"], label="guests of calls"
    )
    retention.register(
        Addendum, "review__participant", changed=["at"], label="additions to minutes"
    )
    retention.register(CallGuest, "participant", label="invitations of guests")
    retention.register_texts(Meeting, "cancellation_reason", "list_hold_reason", way="continuum")
    retention.register_texts(Attendance, "name", "organization", way="meeting__continuum")
    retention.register_texts(Addendum, "words", way="meeting__continuum")
    retention.register_texts(RoleSwap, "words", way="role__meeting__continuum")
    retention.register_texts(PrepList, "correction_reason", way="meeting__continuum")
    retention.register_texts(SystemicBarrier, "words", "strategy", way="continuum")
    retention.register_step(deidentify_meetings)
