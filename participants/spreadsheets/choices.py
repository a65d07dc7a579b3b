"""Words of a sheet that must become choices: what is known of them, and what a person says.

A word that is not known is asked about, never guessed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agreements.models import Agency, StaffMember
from participants.models import AssessmentLevel, ListPlace, LivingSituation
from regions.models import Continuum, County, Region

from .table import folded, remembered
from .targets import BY_KEY, CHOICE
from .values import is_nothing

SKIP, OUT = "skip", "out"
Kind = LivingSituation.Kind
Status = ListPlace.Status
DIED = "deceased"

STAYS: Mapping[str, tuple[str, ...]] = {
    Kind.UNSHELTERED: (
        *("unsheltered", "street", "streets", "outside", "outdoors", "tent", "camp", "encampment"),
        *("car", "vehicle", "in car", "place not meant for habitation", "pnmh", "pnmfhh", "park"),
        *("place not meant for human habitation", "literally homeless unsheltered", "woods"),
        *("on the street", "on the streets", "sleeping outside", "living in car", "rv"),
    ),
    Kind.SHELTER: (
        *("shelter", "emergency shelter", "es", "sheltered", "in shelter", "warming center"),
        *("night shelter", "emergency shelter including hotel or motel paid for with voucher"),
    ),
    Kind.SAFE_HAVEN: ("safe haven", "sh"),
    Kind.TRANSITIONAL: ("transitional", "transitional housing", "th"),
    Kind.DOUBLED_UP: (
        *("doubled up", "couch surfing", "couch", "staying with friends", "staying with family"),
        *("with friends", "with family", "friends", "family", "family friends", "couchsurfing"),
    ),
    Kind.HOTEL: ("hotel", "motel", "hotel motel", "hotel or motel"),
    Kind.INSTITUTION: ("institution", "jail", "hospital", "prison", "jail prison"),
    Kind.HOUSED: ("permanent housing", "housed", "own apartment", "apartment", "rental"),
    Kind.MISSING: ("missing", "can't find", "whereabouts unknown"),
}
STATUSES: Mapping[str, tuple[str, ...]] = {
    Status.ACTIVE: (
        *("active", "open", "on list", "homeless", "actively homeless", "waiting", "enrolled"),
        *("newly identified", "returned", "returned from inactive", "returned from housing"),
    ),
    Status.HOUSED: ("housed", "permanently housed", "moved in", "exited to ph", "placed"),
    Status.INACTIVE: ("inactive", "moved to inactive", "lost contact", "no contact"),
    Status.NO_LONGER: (
        *("no longer meets criteria", "ineligible", "not eligible", "left area", "moved away"),
    ),
    DIED: ("deceased", "died"),
}


@dataclass
class Kinds:
    """The choices of a continuum: `labels` by kind and choice, `known` by kind and folded word."""

    labels: dict[str, dict[str, str]]
    known: dict[str, dict[str, str]]

    def choice_of(self, kind: str, word: str, said: Mapping[str, Mapping[str, str]]) -> str:
        """What a word means: as a person said, or as everybody says; "" where it must be asked."""
        if is_nothing(word):
            return SKIP
        small = folded(word)
        choice = said.get(kind, {}).get(remembered(small), "")
        if choice and (choice in self.labels[kind] or choice in (SKIP, OUT)):
            return choice
        return self.known[kind].get(small, "")


def kinds_of(continuum: Continuum) -> Kinds:
    """The choices that the words of a sheet may mean in a continuum."""
    regions = list(Region.objects.filter(continuum=continuum))
    counties = list(County.objects.filter(region__continuum=continuum).select_related("region"))
    agencies = list(Agency.objects.filter(continuum=continuum))
    open_to = [a for a in agencies if a.is_active and not a.is_victim_service_provider]
    places = StaffMember.objects.current().filter(agency__continuum=continuum)
    told = places.order_by("user__name").values_list(
        "pk", "user__name", "user__email", "agency__name"
    )
    staff = [(str(key), name, email, agency) for key, name, email, agency in told]
    stays = {str(kind): str(kind.label) for kind in Kind if kind != Kind.UNKNOWN}
    statuses = {str(kind): str(kind.label) for kind in Status} | {DIED: "Deceased"}
    labels = {
        "county": {str(each.pk): f"{each.name} County" for each in counties},
        "region": {str(each.pk): each.name for each in regions},
        "agency": {str(each.pk): each.name for each in open_to},
        "stay": stays,
        "navigator": {key: f"{name}, {agency}" for key, name, _email, agency in staff},
        "level": {str(each): str(each.label) for each in AssessmentLevel},
        "status": statuses,
    }
    known = {
        "county": {
            folded(f"{each.name}{end}"): str(each.pk)
            for each in counties
            for end in ("", " County", " Co.")
        },
        "region": {
            folded(f"{each.name}{end}"): str(each.pk) for each in regions for end in ("", " Region")
        },
        "agency": {folded(each.name): str(each.pk) for each in open_to}
        | {folded(each.name): OUT for each in agencies if each.is_victim_service_provider},
        "navigator": called(staff),
        "stay": spelled(STAYS, stays) | {"yes": "", "no": ""},
        "status": spelled(STATUSES, statuses),
        "level": {
            "crisis": str(AssessmentLevel.CRISIS),
            "housing": str(AssessmentLevel.HOUSING),
            **{folded(each.label): str(each) for each in AssessmentLevel},
        },
    }
    return Kinds(labels, known)


def called(staff: Iterable[tuple[str, str, str, str]]) -> dict[str, str]:
    """By name and address, where one person alone is called so. `staff`: key, name, email, agency.

    Who works for two agencies is asked about.
    """
    found = dict[str, str]()
    for key, name, email, _agency in staff:
        for word in {folded(name), folded(email)}:
            found[word] = "" if word in found else key
    return found


def spelled(synonyms: Mapping[str, Iterable[str]], labels: Mapping[str, str]) -> dict[str, str]:
    found = {folded(word): str(key) for key, words in synonyms.items() for word in words}
    return found | {folded(label): key for key, label in labels.items()}


def words_asked(
    columns: Mapping[str, Iterable[str]], kinds: Kinds, said: Mapping[str, Mapping[str, str]]
) -> dict[str, list[str]]:
    """`{kind: words}` of which nobody said yet what they mean, in the order of the sheet.

    `columns`: `{kind: cells}`.
    """
    asked = dict[str, list[str]]()
    for kind, cells in columns.items():
        if BY_KEY[kind].way != CHOICE:
            continue
        seen = dict[str, str]()
        for cell in cells:
            if cell and not kinds.choice_of(kind, cell, said):
                seen.setdefault(folded(cell), cell)
        if seen:
            asked[kind] = list(seen.values())
    return asked
