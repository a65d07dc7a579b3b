"""What the import's pages show, by the rules for who is looking."""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

import audit.services
from accounts.models import User
from agreements.models import Agency, StaffMember
from audit.models import AuditEntry
from participants import disclosures
from participants.hmis.kept import Change, Said, Value
from participants.listing import ENDED, PERHAPS_HOUSED, SOURCE_FILTERS
from participants.models import (
    AgeBand,
    AssessmentLevel,
    Document,
    HeadChange,
    HmisImport,
    HmisLine,
    HmisProject,
    HmisRecord,
    HouseholdMember,
    LivingSituation,
    Participant,
    ParticipantQuerySet,
    PlaceChange,
    household_words,
)
from participants.naming import Label, labels
from participants.services.participants import PARTICIPANT_ADDED, PARTICIPANT_CHANGED
from regions.models import Continuum, County, Region
from regions.words import day_words

from .chronic import WORDS as LACKS
from .comparing import FIELDS, PERSON, WORDS, disagreements
from .own import events_told
from .services import VIEWED
from .undoing import JOINED, PLACE_STAYS

disclosures.register(VIEWED, kind=disclosures.PAGE, what="What an import from HMIS changes")

Kind = HmisLine.Kind
KINDS = [Kind.NEW, Kind.CHANGED, Kind.ABSENT, Kind.DUPLICATE, Kind.HOUSED]
CONTACTS = {
    "situation": "living situation",
    "service": "bed night",
    "assessed": "CE assessment",
    "entry": "entry into a project",
    "sheet": "in the sheet",
}
LEFT = {
    "housed": "to housing",
    "deceased": "deceased",
    "elsewhere": "not to housing",
    "inactive": "inactive",
    "no_longer": "no longer meets criteria",
}
HOUSED_DECISIONS = [
    (str(HmisLine.Decision.WAIT), "Leave them out for now"),
    (str(HmisLine.Decision.ADD), "Not housed: add them"),
]
# Of a spreadsheet some things are called otherwise.
SHEET_WORDS = {"link": "In this kind of sheet", "absent": "In the sheet", "left": "Left the list"}
HOW = {
    "update": ("Will change", "info"),
    "kept": ("Stays: a person said otherwise", "warn"),
    "chosen": ("Will change: you chose this", "info"),
    "agreed": ("Already so", "neutral"),
}


def list_page(continuum: Continuum) -> dict[str, object]:
    """All imports, newest first, and which of them can be undone."""
    imports = list(
        continuum.hmis_imports.select_related("started_by", "confirmed_by", "continuum")[:50]
    )
    undoable = HmisImport.objects.undoable(continuum)
    return {
        "imports": imports,
        "undoable": undoable,
        "unfinished": next((each for each in imports if each.state in each.UNFINISHED), None),
    }


def detail_page(hmis_import: HmisImport) -> dict[str, object]:
    """An import at a glance: figures, what was refused, what waits for a decision."""
    counts = hmis_import.counts
    names = dict(
        HmisProject.objects.filter(
            continuum=hmis_import.continuum, key__in=counts.get("unplaced", {})
        ).values_list("key", "name")
    )
    return {
        "import": hmis_import,
        "counts": counts,
        "undone": undone_words(counts["undone"]) if counts.get("undone") else "",
        "unplaced": [
            (names.get(key, key), number) for key, number in counts.get("unplaced", {}).items()
        ],
        "refused_projects": list(counts.get("refused_projects", {}).items()),
        "is_ready": hmis_import.state == HmisImport.State.READY,
        "is_matching": hmis_import.state == HmisImport.State.MATCHING,
        "is_recognized": bool((hmis_import.sheet_settings or {}).get("is_recognized")),
        "why_refused": sorted(set(counts.get("why_refused", {}).values())),
        "without_enrolment": without_enrolment(hmis_import.continuum).count(),
        "has_listed": hmis_import.is_sheet
        or HmisProject.objects.filter(continuum=hmis_import.continuum, is_listed=True).exists(),
        "has_upload": hmis_import.parts.exists(),
        "is_undoable": hmis_import == HmisImport.objects.undoable(hmis_import.continuum),
    }


def undone_words(counts: Mapping[str, int]) -> str:
    """What an undo did, and what it left as it is and why."""
    joined, stays = counts.get(JOINED, 0), counts.get(PLACE_STAYS, 0)
    worked = counts["kept"] - joined
    words = [f"{counts['removed']} removed, {counts['restored']} as they were"]
    if worked or not joined:
        words.append(f"{worked} kept because somebody worked with them since")
    if joined:
        words.append(f"{joined} kept because the record was joined with another one since")
    text = f"{', '.join(words)}."
    if stays:
        who = "household’s place" if stays == 1 else "households’ places"
        text += f" {stays} {who} on the list stayed: they come from two joined records by now."
    return text


def without_enrolment(continuum: Continuum) -> ParticipantQuerySet:
    """Active households of HMIS that have no open enrollment there, or that it calls housed."""
    people = Participant.objects.filter(continuum=continuum).on_the_list()
    return people.filter(SOURCE_FILTERS[ENDED] | SOURCE_FILTERS[PERHAPS_HOUSED])


def first_shown(hmis_import: HmisImport) -> str:
    """The first kind that there is something of."""
    return next((str(kind) for kind in KINDS if hmis_import.counts.get(str(kind))), str(Kind.NEW))


def tabs(hmis_import: HmisImport, shown: str, address: str) -> list[dict[str, object]]:
    counts = hmis_import.counts
    rows = [
        (str(Kind.NEW), "New", counts.get("new", 0)),
        (str(Kind.CHANGED), "Changed", counts.get("changed", 0)),
        (
            *(str(Kind.ABSENT), f"Not in this {'sheet' if hmis_import.is_sheet else 'export'}"),
            counts.get("absent", 0),
        ),
        (str(Kind.DUPLICATE), "Possible duplicates", counts.get("duplicate", 0)),
        (str(Kind.HOUSED), "Perhaps housed", counts.get("housed", 0)),
        ("refused", "Not imported or doubtful", counts.get("refused", 0)),
    ]
    if hmis_import.is_sheet:
        rows = [row for row in rows if row[0] != str(Kind.HOUSED)]
    return [
        {
            "label": label,
            "url": f"{address}?show={key}",
            "count": count,
            "is_current": key == shown,
        }
        for key, label, count in rows
    ]


def lines_shown(
    lines: Iterable[HmisLine], viewer: User, *, now: datetime
) -> list[dict[str, object]]:
    """Lines of one page in words; one entry in the audit names the participants shown."""
    lines = list(lines)
    people = [line.participant for line in lines if line.participant]
    names = labels(people, viewer, now)
    if lines:
        audit.services.record(
            VIEWED,
            actor=viewer,
            about=lines[0].hmis_import,
            detail={**disclosures.shown_to(names), "lines": len(lines)},
            now=now,
        )
    if not lines:
        return []
    hmis_import = lines[0].hmis_import
    words = Words(hmis_import.continuum, is_sheet=hmis_import.is_sheet)
    # These were read when another person headed the household; a sheet may tell of them still.
    changes = HeadChange.objects.filter(participant__in=[each.pk for each in people])
    if not hmis_import.is_sheet:
        changes = changes.filter(recorded_at__gte=hmis_import.started_at)
    words.headed_since = set(changes.values_list("participant", flat=True))
    return [
        words.line(line, names.get(line.participant_id) if line.participant_id else None)
        for line in lines
    ]


class Words:
    """Values of an import in words; regions and counties looked up once."""

    def __init__(self, continuum: Continuum, *, is_sheet: bool = False) -> None:
        regions = Region.objects.filter(continuum=continuum).values_list("pk", "name")
        counties = County.objects.filter(region__continuum=continuum).values_list("pk", "name")
        self.tells_heads = True  # of the line at hand
        self.headed_since: set[UUID] = set()
        self.regions = {str(key): name for key, name in regions}
        self.counties = {str(key): name for key, name in counties}
        self.is_sheet = is_sheet
        self.staff = dict[str, str]()
        if is_sheet:
            staff = StaffMember.objects.filter(agency__continuum=continuum)
            named = staff.values_list("pk", "user__name")
            self.staff = {str(key): name for key, name in named}
            agencies = Agency.objects.filter(continuum=continuum).values_list("pk", "name")
            self.projects = {str(key): name for key, name in agencies}
        else:
            projects = HmisProject.objects.filter(continuum=continuum)
            self.projects = dict(projects.values_list("key", "name"))

    def line(self, line: HmisLine, label: Label | None) -> dict[str, object]:
        said: Said = line.said
        listed_on = said.get("listed_on")
        # A release of the one head covers not the other, to whose name and birth date it changes.
        is_of_two = line.participant_id in self.headed_since or any(
            each["field"] == "head" for each in line.changes
        )
        self.tells_heads = not is_of_two or (
            label is not None and label.tells_all and label.release_id is None
        )
        return {
            "line": line,
            "label": label,
            "project": self.projects.get(
                (said.get("agency") if self.is_sheet else said.get("project")) or "", ""
            ),
            "row": said.get("line"),
            "household": household(said) if said else "",
            "where": self.value("where", said.get("where")),
            "listed_on": listed_on and date.fromisoformat(listed_on),
            "stay": self.value("stay", said.get("stay")),
            "needs": needs(said),
            "names_former_head": bool(said.get("under_former_head")),
            "asks": self.value("asks", said.get("asks")) if said.get("asks") else "",
            "decisions": decisions_of(line),
            "decided": dict(decisions_of(line)).get(line.decision, ""),
            "changes": [self.change(each, label) for each in line.changes],
        }

    def change(self, change: Change, label: Label | None) -> dict[str, object]:
        name = change["field"]
        hidden = not is_told(name, label) or (name in PERSON and not self.tells_heads)
        words, tone = HOW[change["how"]]
        if name == "stay" and change["how"] == "kept" and change["from"][1] > change["to"][1]:
            words = "Stays: what is on file is newer"
        if name == "left" and change["how"] == "kept":
            words = "Stays on the list until somebody decides"
        if name == "asks" and change["how"] == "kept":
            words, tone = "Somebody decides: nothing changes by itself", "warn"
        return {
            "name": SHEET_WORDS.get(name, WORDS[name]) if self.is_sheet else WORDS[name],
            "field": name,
            "is_choice": change["how"] in ("kept", "chosen")
            and name in (*FIELDS, "where", "listed_on")
            and not hidden,
            "is_chosen": change["how"] == "chosen",
            "former": self.former(change, hidden),
            "is_hidden": hidden,
            "value": "not shown" if hidden else self.value(name, change["to"], name == "place"),
            "how": words,
            "tone": tone,
        }

    def former(self, change: Change, hidden: bool) -> str:
        if change["field"] == "link" and self.is_sheet:
            return "not before"
        return "not shown" if hidden else self.value(change["field"], change["from"])

    def value(self, name: str, value: Value, is_move: bool = False) -> str:
        """A value in words, as people read it."""
        if name in ("link", "for_hmis"):
            return "from now on" if self.is_sheet else "known by now"
        if name == "absent":
            return "yes, again" if value is None else f"missing since {day_said(value)}"
        if value in (None, "", []):
            return "nothing"
        if isinstance(value, bool):
            return "yes" if value else "no"
        return self.of_kind(name, value, is_move)

    def of_kind(self, name: str, value: Value, is_move: bool) -> str:
        if name == "where":
            region, county = self.regions.get(value[0], ""), self.counties.get(value[1])
            return f"{region}, {county} County" if county else region
        if name == "stay":
            return f"{LivingSituation.Kind(value[0]).label}, {day_said(value[1])}"
        if name == "contact":
            return f"{day_said(value[0])}, {CONTACTS.get(value[1], value[1])}"
        if name == "left":
            return f"{day_said(value[0])}, {LEFT[value[1]]}"
        if name == "asks":
            housed = f"housed since {day_said(value[1])}"
            return f"{housed}, met without a home on {day_said(value[2])}" if value[2] else housed
        if name == "documents":
            return ", ".join(str(Document(each).label) for each in value)
        if name == "navigator_id":
            return self.staff.get(value, "somebody who is no longer on file")
        if name == "assessment_level":
            return str(AssessmentLevel(value).label)
        if name == "chronic_lacks":
            return lacks_words(value)
        if name == "head":
            return f"the person of HMIS ID {value}"
        if name == "members":
            return "; ".join(member_words(*each) for each in value) or "nobody"
        if name == "place":
            kind = PlaceChange.Flow(value[0]).label if is_move else value[0].replace("_", " ")
            return f"{kind.capitalize()}, {day_said(value[1])}"
        if name in ("birth_date", "referral_active_on", "listed_on", "assessed"):
            return day_said(value)
        return str(value)


def decisions_of(line: HmisLine) -> list[tuple[str, str]]:
    """What may be decided about a line, as (value, words)."""
    if line.kind == Kind.HOUSED:
        return HOUSED_DECISIONS
    return HmisLine.Decision.choices


def lacks_words(lacks: Iterable[str]) -> str:
    return ", ".join(LACKS[each] for each in lacks) or "nothing"


def member_words(relation: str, age: str, has_left: bool) -> str:
    words = [HouseholdMember.Relation(relation).label.lower()]
    if age:
        words.append(AgeBand(age).label.lower())
    if has_left:
        words.append("left")
    return ", ".join(words)


def day_said(value: str) -> str:
    return day_words(date.fromisoformat(value))


def household(said: Said) -> str:
    return household_words(said["adults"], said["children"])


def needs(said: Said) -> str:
    named = (
        ("is_youth", "Youth"),
        ("is_veteran", "Veteran"),
        ("is_chronic", "Chronically homeless"),
        ("is_prioritized", "Prioritized for housing"),
        ("referral_active_on", "Active referral"),
    )
    return ", ".join(words for name, words in named if said.get(name))


def refusals_csv(hmis_import: HmisImport) -> str:
    """Where and why rows were refused, as CSV: no value of a person is in it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        ["File", "Line", "Column", "Shape of the value", "Problem", "Remedy", "In HMIS"]
    )
    for row in hmis_import.refusals.all():
        cells = [row.file_name, row.line, row.column, row.shape, row.problem, row.remedy]
        cells.append(row.ids)
        writer.writerow([unspreadsheeted(cell) for cell in cells])
    return out.getvalue()


def unspreadsheeted(cell: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text[:1] in "=+-@\t\r" else text


def is_told(name: str, label: Label | None) -> bool:
    """Whether a reader may read what HMIS says in this field, beside what is on file."""
    return name not in (*PERSON, "head", "hmis_id", "phone") or bool(label and label.tells_all)


def hmis_section(participant: Participant, *, shown_as: Label) -> dict[str, object] | None:
    """What HMIS says of a participant, and where a person said otherwise and when.

    Names and birth dates that HMIS says were typed by nobody here: `shown_as` must tell all.
    """
    record = getattr(participant, "hmis", None)
    if record is None:
        return None
    words = Words(participant.continuum)
    differing = disagreements(participant, record)
    said_by = who_said(participant) if differing else {}
    last = HmisImport.objects.undoable(participant.continuum, HmisImport.Kind.HMIS)
    rows = [
        {
            "name": WORDS[name],
            "hmis": words.value(name, value) if is_told(name, shown_as) else "not shown",
            "hmis_on": date.fromisoformat(on),
            "here": words.value(name, here) if is_told(name, shown_as) else "not shown",
            "said": said_by.get("region" if name == "where" else name),
        }
        for name, value, on, here in differing
    ]
    lacks = record.said.get("chronic_lacks")
    contact = record.said.get("contact")
    left = record.said.get("left")
    return {
        "record": record,
        "as_of": newest_word(record, last),
        "contact": contact and words.value("contact", contact["value"]),
        "left": left and left["value"] and words.value("left", left["value"]),
        "chronic_lacks": lacks["value"] and lacks_words(lacks["value"]) if lacks else "",
        "events": events_told(record) if shown_as.tells_all else [],
        "disagreements": rows,
    }


def newest_word(record: HmisRecord, last: HmisImport | None) -> date:
    """The day of the newest export that held the household."""
    if record.absent_on or last is None:
        return record.as_of
    return max(last.brought_to, record.as_of)


def who_said(participant: Participant) -> dict[str, AuditEntry]:
    """`{field: entry of the audit}` of who changed it last by hand."""
    entries = AuditEntry.objects.filter(
        continuum_id=participant.continuum_id,
        object_id=str(participant.pk),
        action__in=[PARTICIPANT_ADDED, PARTICIPANT_CHANGED],
    ).order_by("sequence")
    found: dict[str, AuditEntry] = {}
    for entry in entries:
        if entry.action == PARTICIPANT_ADDED:
            found = dict.fromkeys([*WORDS, "region"], entry)
        for name in entry.detail.get("fields", []):
            found[name] = entry
    return found
