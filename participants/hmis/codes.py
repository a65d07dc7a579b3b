"""The few codes of HUD's HMIS CSV that the import understands, by version of the format.

Source: HUD, HMIS CSV Format Specifications FY2024 and FY2026. The codes used here mean the same in
both; what differs between the versions (gender columns, spelling of ethnicity) is never read.
"""

import re
from dataclasses import dataclass

from participants.models import LivingSituation

from .reading import shape_of

Kind = LivingSituation.Kind

PROJECT_KINDS = {
    "0": "Emergency shelter, entry and exit",
    "1": "Emergency shelter, night by night",
    "2": "Transitional housing",
    "3": "Permanent supportive housing",
    "4": "Street outreach",
    "6": "Services only",
    "7": "Other",
    "8": "Safe haven",
    "9": "Permanent housing, housing only",
    "10": "Permanent housing with services",
    "11": "Day shelter",
    "12": "Homelessness prevention",
    "13": "Rapid re-housing",
    "14": "Coordinated entry",
}
COORDINATED_ENTRY = "14"
# Who stays there, or is met by street outreach, has no home.
SHELTERS = {"0", "1", "4", "8"}
HOMELESS = {"116", "101", "118"}
PERMANENT_HOUSING = {"3", "9", "10", "13"}
# Who is enrolled there stays there: the living situation at entry is the one before.
STAYS_OF_PROJECTS = {
    "0": Kind.SHELTER,
    "1": Kind.SHELTER,
    "2": Kind.TRANSITIONAL,
    "8": Kind.SAFE_HAVEN,
}
SITUATIONS = {
    "116": Kind.UNSHELTERED,
    "101": Kind.SHELTER,
    "332": Kind.TRANSITIONAL,
    "118": Kind.SAFE_HAVEN,
    "302": Kind.TRANSITIONAL,
    "329": Kind.TRANSITIONAL,
    "335": Kind.DOUBLED_UP,
    "336": Kind.DOUBLED_UP,
    "312": Kind.DOUBLED_UP,
    "313": Kind.DOUBLED_UP,
    "314": Kind.HOTEL,
    "204": Kind.INSTITUTION,
    "205": Kind.INSTITUTION,
    "206": Kind.INSTITUTION,
    "207": Kind.INSTITUTION,
    "215": Kind.INSTITUTION,
    "225": Kind.INSTITUTION,
    "410": Kind.HOUSED,
    "411": Kind.HOUSED,
    "421": Kind.HOUSED,
    "422": Kind.HOUSED,
    "423": Kind.HOUSED,
    "426": Kind.HOUSED,
    "435": Kind.HOUSED,
}
HOUSED = {"410", "411", "421", "422", "423", "426", "435"}
DECEASED = "24"
HEAD = "1"
CHILD = "2"
BED_NIGHT = "200"
# Referrals to an opening: bed, unit, voucher.
REFERRALS = {"10", "11", "12", "13", "14", "15", "17", "18"}
PRIORITIZED = {"1": True, "2": False}
YES_NO = {"0": False, "1": True}


@dataclass(frozen=True)
class Codes:
    """The code table of one version of the format."""

    year: int
    situations: dict[str, Kind]
    referrals: frozenset[str]
    housed: frozenset[str]


VERSIONS = {
    year: Codes(year, SITUATIONS, frozenset(REFERRALS), frozenset(HOUSED)) for year in (2024, 2026)
}


def version_said(text: str) -> str:
    """A version as the export says it, where it is one; else its shape alone."""
    text = text.strip()
    return text if re.fullmatch(r"(?:FY\s*)?\d{4}( ?v?[\d.]{1,6})?", text, re.I) else shape_of(text)


def codes_of(csv_version: str | None) -> Codes | None:
    """The code table for `CSVVersion` ("2026 v1.0", "2026 v1", "2024 v1.3"), or None."""
    found = re.match(r"\s*(?:FY\s*)?(20\d\d)\b", csv_version or "", re.IGNORECASE)
    return VERSIONS.get(int(found.group(1))) if found else None
