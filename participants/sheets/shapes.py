"""What tells of a person by its shape: dates, numbers, addresses, names in place of an alias.

A victim service provider sends no name, birth date, address or number of a survivor, not even
encoded (34 USC 12291(b)(2)). What a cell holds is never said again: errors name the shape.
"""

import re

IDENTIFYING_COLUMNS = {
    "a name": r"name|first|last|surname|initials|nombre",
    "a date of birth": r"dob|birth|born|age\b|nacimiento",
    "an address": r"address|street|city|town|zip|postal|location|shelter|apt|unit",
    "a number of a person": r"ssn|social|hmis|client ?id|person(al)? ?id|case|id\b|license",
    "a way to reach somebody": r"phone|tel|cell|mobile|mail|contact",
    "free text": r"note|comment|remark|detail|description",
}
MONTHS = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
STREETS = (
    r"(?:street|st|avenue|ave|road|rd|lane|ln|drive|dr|court|ct|boulevard|blvd|highway|hwy|way"
    r"|apt|apartment|unit|box)"
)
SHAPES = (
    ("a Social Security number", re.compile(r"\b\d{3}[-. ]?\d{2}[-. ]?\d{4}\b")),
    ("an email address", re.compile(r"@")),
    ("a date", re.compile(r"\b\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b")),
    ("a date", re.compile(rf"\b\d{{1,2}}(?:st|nd|rd|th)?[ -]{MONTHS}\b|\b{MONTHS}[ -]\d{{1,2}}\b")),
    ("a year of birth", re.compile(r"(?<!\d)(?:19\d\d|20[0-4]\d)(?!\d)")),
    ("a phone number", re.compile(r"(?:\d[-. ()]*){7,}")),
    ("a date or long number", re.compile(r"\d{5,}")),
    ("an address", re.compile(rf"\b\d+[a-z]? (?:\w+ ){{1,3}}{STREETS}\b|\b{STREETS}\.? ?#?\d+")),
)


def identifying_column(heading: str) -> str | None:
    """What the heading of a column says is in it, or None."""
    small = " ".join(re.split(r"[\s_-]+", heading.lower())).strip()
    for what, pattern in IDENTIFYING_COLUMNS.items():
        if re.search(rf"(?<![a-z])(?:{pattern})", small):
            return what
    return None


def identifying_shape(text: str) -> str | None:
    """What the text looks like by its shape, or None."""
    small = text.lower()
    return next((what for what, pattern in SHAPES if pattern.search(small)), None)
