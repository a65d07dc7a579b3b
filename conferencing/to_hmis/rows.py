"""A fact as a row of HMIS: its codes, whether it goes there and why not, and how far it came."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from participants.models import HmisRecord, LivingSituation
from regions.clock import local_day
from regions.words import day_words

from . import layout
from .facts import Fact, Kind, Source, enrollments_of

Stay = LivingSituation.Kind
Codes = dict[str, str]
# The kinds of stay of which HUD has one code; of others it has several, and a person says which.
BY_STAY = {
    Stay.UNSHELTERED: "116",
    Stay.SHELTER: "101",
    Stay.SAFE_HAVEN: "118",
    Stay.TRANSITIONAL: "302",
}
FILE_OF = {
    Kind.EVENT: "Event",
    Kind.SITUATION: "CurrentLivingSituation",
    Kind.ASSESSMENT: "Assessment",
}
ID_OF = {
    Kind.EVENT: "EventID",
    Kind.SITUATION: "CurrentLivingSitID",
    Kind.ASSESSMENT: "AssessmentID",
}
DAY_OF = {
    Kind.EVENT: "EventDate",
    Kind.SITUATION: "InformationDate",
    Kind.ASSESSMENT: "AssessmentDate",
}
# What of a row tells the fact, in HUD's order; the rest says whose it is and when it was written.
CODES_OF = {
    Kind.EVENT: (
        *("Event", "ProbSolDivRRResult", "ReferralCaseManageAfter"),
        *("LocationCrisisOrPHHousing", "ReferralResult", "ResultDate"),
    ),
    Kind.SITUATION: ("CurrentLivingSituation",),
    Kind.ASSESSMENT: ("AssessmentType", "AssessmentLevel", "PrioritizationStatus"),
}
# By what a row of HMIS is known again that has another id.
LEADING = ("EventDate", "Event", "InformationDate", "CurrentLivingSituation", "AssessmentDate")
READY, DECIDE, OUT, BACK = "ready", "decide", "out", "back"
# Of what never went out: words and tone.
WAITS = {
    READY: ("Ready", "neutral"),
    DECIDE: ("To decide", "warn"),
    OUT: ("Left out", "neutral"),
    BACK: ("Taken back", "neutral"),
}

CONFIDENTIAL = "A victim service provider keeps this household: nothing of it goes to HMIS."
BY_PROVIDER = "A victim service provider recorded it: it never goes to HMIS."
NO_RELEASE = "No release covers HMIS data sharing."
NO_RELEASE_THEN = (
    "Another person headed the household that day. No release they signed still covers sharing "
    "in HMIS."
)
OTHER_HEAD = (
    "The last import told of no enrollment of the person who headed the household that day."
)
NOT_IN_HMIS = "Not known from HMIS: no import told of an enrollment."
MISSING = "Missing from the last export of HMIS."
NOT_ENROLLED = "Not enrolled on that day, by the last import."
NO_USER = "No UserID: enter the CoC’s under HMIS users."
WHICH_EVENT = "Choose which kind of event it was."
WHICH_SITUATION = "Choose where they stayed."
KEYED = "Already keyed into HMIS. A file would enter it twice."
THEIRS = "Changed in HMIS since: it stays as it is there."
DONE = "Taken back; no longer in HMIS."


@dataclass(frozen=True)
class Standing:
    """Where a fact stands: the group of the page it is in, and the reason, empty for none."""

    group: str
    why: str = ""


@dataclass(frozen=True)
class Progress:
    """How far a fact came on its way into HMIS, in words, with the tone of its tag."""

    words: str
    tone: str
    theirs: Codes | None = None  # what HMIS says, where that is another thing


def codes_of(fact: Fact) -> Codes | None:
    """`{column: code}` of what the fact says; None where it has no code until a person says it."""
    answers = fact.answers
    if fact.kind == Kind.EVENT:
        event = layout.NAVIGATION if fact.source == Source.NAVIGATOR else answers.get("Event")
        if not event:
            return None
        wanted = {"Event", *asked_of(event)}
        told = {**answers, "Event": event}
        if fact.is_place_refused:
            told.pop("LocationCrisisOrPHHousing", None)
        return {name: told.get(name, "") if name in wanted else "" for name in CODES_OF[Kind.EVENT]}
    if fact.kind == Kind.SITUATION:
        code = answers.get("CurrentLivingSituation") or BY_STAY.get(Stay(fact.stay or "unknown"))
        return {"CurrentLivingSituation": code} if code else None
    return {name: answers.get(name, "") for name in CODES_OF[Kind.ASSESSMENT]}


def asked_of(event: str) -> tuple[str, ...]:
    """The columns that say more of an event of this kind."""
    if event in layout.TO_OPENINGS:
        return ("LocationCrisisOrPHHousing", "ReferralResult", "ResultDate")
    if event == layout.PROBLEM_SOLVING:
        return ("ProbSolDivRRResult",)
    return ("ReferralCaseManageAfter",) if event == layout.FOLLOW_UP else ()


def given_of(fact: Fact) -> Codes:
    """The row as it is handed out, but for when it was written: ids, day, codes, who entered it."""
    codes, enrollment = codes_of(fact), fact.enrollment
    if codes is None or enrollment is None:
        raise ValueError("A fact without a code or an enrollment makes no row.")
    return {
        ID_OF[Kind(fact.kind)]: fact.key.hex,
        "EnrollmentID": enrollment["id"],
        "PersonalID": enrollment["person"],
        DAY_OF[Kind(fact.kind)]: fact.on.isoformat(),
        **codes,
        "UserID": fact.user_key,
    }


def told_of(kind: str, row: Mapping[str, object]) -> Codes:
    """What a row tells: its day and its codes, without ids."""
    return {name: str(row.get(name, "")) for name in (DAY_OF[Kind(kind)], *CODES_OF[Kind(kind)])}


def standing_of(fact: Fact) -> Standing:
    """Whether the fact goes into a file now, waits for a person's word, or stays out, and why."""
    entry, record, found = fact.entry, fact.record, in_hmis(fact)
    if fact.person.is_confidential:
        return Standing(OUT, CONFIDENTIAL)
    if fact.is_gone and entry:
        if entry.removed_at and not found and is_told_since(fact, entry.removed_at):
            return Standing(OUT, DONE)
        return Standing(OUT, KEYED) if not entry.given_at else Standing(BACK)
    if entry and entry.is_left_out:
        name = entry.answered_by.name if entry.answered_by else "somebody"
        return Standing(OUT, f"Left out by {name}.")
    if fact.is_by_provider:
        return Standing(OUT, BY_PROVIDER)
    if fact.release is None:
        return Standing(OUT, NO_RELEASE_THEN if fact.former_head else NO_RELEASE)
    if record is None or not record.said.get("enrollments"):
        return Standing(OUT, NOT_IN_HMIS)
    if record.absent_on:
        return Standing(OUT, MISSING)
    if not any(fact.is_of_head(each) for each in enrollments_of(record)):
        return Standing(OUT, OTHER_HEAD)
    if fact.enrollment is None:
        return Standing(OUT, NOT_ENROLLED)
    if codes_of(fact) is None:
        return Standing(DECIDE, WHICH_EVENT if fact.kind == Kind.EVENT else WHICH_SITUATION)
    if not fact.user_key:
        return Standing(DECIDE, NO_USER)
    if entry and entry.keyed_at and not entry.given_at:
        return Standing(OUT, KEYED)
    if entry and found and is_theirs(fact, found):
        return Standing(OUT, THEIRS)
    return Standing(READY)


def may_be_keyed(fact: Fact) -> bool:
    """Whether somebody may enter by hand what the fact says now, also where it was keyed before."""
    return not fact.is_gone and standing_of(fact) in (Standing(READY), Standing(OUT, KEYED))


# The loop: what the last import told of the rows that went out


def in_hmis(fact: Fact) -> Codes | None:
    """What the last import told of the fact's own row, or of what was keyed for it."""
    entry, record = fact.entry, fact.record
    if entry is None or not entry.is_out or record is None or not fact.is_told_of:
        return None
    names = (DAY_OF[Kind(fact.kind)], *CODES_OF[Kind(fact.kind)])
    if fact.kind == Kind.EVENT:
        rows = [(each["EventID"], told_of(fact.kind, each)) for each in rows_said(record, "events")]
    else:
        rows = [
            (key, dict(zip(names, (on, *codes), strict=False)))
            for kind, key, _eid, on, codes in rows_said(record, "own_rows")
            if kind == fact.kind
        ]
    own = [told for key, told in rows if key == fact.key.hex]
    return own[0] if own else by_day_and_code(fact, [told for _key, told in rows])


def by_day_and_code(fact: Fact, rows: list[Codes]) -> Codes | None:
    """What was keyed, or taken under another id, is known by its household, its day, its code.

    An event has more than its code: what else differs was changed. Of a day with another code HMIS
    says something of its own, but for a line that was keyed.
    """
    entry = fact.entry
    if entry is None:
        return None
    given = told_of(fact.kind, entry.given)
    leading = [name for name in LEADING if name in given]
    same = [each for each in rows if all(each.get(name) == given[name] for name in leading)]
    if same or entry.given_at or fact.kind == Kind.EVENT:
        return next((each for each in same if each == given), same[0] if same else None)
    of_day = DAY_OF[Kind(fact.kind)]
    return next((each for each in rows if each.get(of_day) == given[of_day]), None)


def rows_said(record: HmisRecord, name: str) -> list[Any]:  # as kept.Said has them
    return record.said[name]["value"] or [] if name in record.said else []


def is_theirs(fact: Fact, found: Codes) -> bool:
    """Whether HMIS says another thing than it was given, and nothing changed here since."""
    given = told_of(fact.kind, fact.entry.given) if fact.entry else {}
    return found != given and not is_changed(fact)


def is_changed(fact: Fact) -> bool:
    """Whether the file says another thing here than what went out, or was keyed, last."""
    if fact.entry is None or fact.enrollment is None or codes_of(fact) is None:
        return False
    return told_of(fact.kind, given_of(fact)) != told_of(fact.kind, fact.entry.given)


def is_told_since(fact: Fact, at: datetime) -> bool:
    """Whether an import told of the household as of a later day than that moment's."""
    return (
        fact.is_told_of
        and fact.told_on is not None
        and fact.told_on > local_day(at, fact.person.continuum.zone)
    )


def progress_of(fact: Fact, standing: Standing) -> Progress:
    """How far the fact came: it waits, went out, is in HMIS, or was changed there."""
    entry = fact.entry
    if entry is None or not entry.is_out:
        return Progress(*WAITS[standing.group])
    found, out_at = in_hmis(fact), entry.given_at or entry.keyed_at
    zone = fact.person.continuum.zone
    on = local_day(out_at, zone) if out_at else fact.on
    if fact.is_gone:
        if found:
            return Progress("No longer said here, still in HMIS", "warn")
        return Progress("Taken back", "neutral")
    if found is None and not is_changed(fact):
        if out_at and fact.told_on and is_told_since(fact, out_at):
            return Progress(f"Not in the export of {day_words(fact.told_on)}", "warn")
        verb = "In a file since" if entry.given_at else "Keyed on"
        return Progress(f"{verb} {day_words(on)}", "info")
    if is_changed(fact):
        return Progress("Changed here since", "warn")
    if found != told_of(fact.kind, entry.given):
        return Progress("HMIS changed it", "warn", found)
    return Progress("In HMIS", "good")


# In words


def words_of(kind: str, codes: Mapping[str, str]) -> str:
    """What a row says, as a person reads it."""
    if kind == Kind.EVENT:
        return event_words(codes)
    if kind == Kind.SITUATION:
        code = codes.get("CurrentLivingSituation", "")
        return layout.SITUATIONS.get(code, f"Code {code}")
    parts = [
        layout.ASSESSMENT_LEVELS.get(codes.get("AssessmentLevel", ""), ""),
        layout.ASSESSMENT_TYPES.get(codes.get("AssessmentType", ""), "").lower(),
        layout.PRIORITIZATION.get(codes.get("PrioritizationStatus", ""), "").lower(),
    ]
    told = ", ".join(each for each in parts if each)
    return f"CE assessment: {told}" if told else "CE assessment"


def event_words(codes: Mapping[str, str]) -> str:
    event = codes.get("Event", "")
    words = layout.EVENTS.get(event, f"Code {event}")
    if result := layout.RESULTS.get(codes.get("ReferralResult", "")):
        on = codes.get("ResultDate")
        return f"{words}: {result.lower()}{f', {day_words(date.fromisoformat(on))}' if on else ''}"
    if event == layout.PROBLEM_SOLVING and codes.get("ProbSolDivRRResult"):
        is_housed = codes["ProbSolDivRRResult"] == "1"
        return f"{words}: {'housed or rehoused in a safe place' if is_housed else 'not housed'}"
    if event == layout.FOLLOW_UP and codes.get("ReferralCaseManageAfter"):
        enrolled = codes["ReferralCaseManageAfter"] == "1"
        return f"{words}: {'enrolled in aftercare' if enrolled else 'not enrolled in aftercare'}"
    return words
