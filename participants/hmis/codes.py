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
# Events of coordinated entry (4.20), and how a referral ended.
EVENTS = {
    "1": "Referral to prevention assistance",
    "2": "Problem solving, diversion or rapid resolution",
    "3": "Referral to a scheduled crisis needs assessment",
    "4": "Referral to a scheduled housing needs assessment",
    "5": "Referral to post-placement or follow-up case management",
    "6": "Referral to street outreach",
    "7": "Referral to housing navigation",
    "8": "Referral to services outside the CoC: ineligible for the CoC’s",
    "9": "Referral to services outside the CoC: none available in the CoC",
    "10": "Referral to an emergency shelter bed",
    "11": "Referral to transitional housing (TH)",
    "12": "Referral to joint TH and rapid re-housing",
    "13": "Referral to rapid re-housing (RRH)",
    "14": "Referral to permanent supportive housing (PSH)",
    "15": "Referral to other permanent housing",
    "16": "Referral to emergency assistance, flex fund or furniture",
    "17": "Referral to an Emergency Housing Voucher (EHV)",
    "18": "Referral to a Housing Stability Voucher",
}
RESULTS = {
    "1": "Accepted",
    "2": "The household said no",
    "3": "The provider said no",
}
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
