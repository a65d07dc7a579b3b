"""What looks like an address, and is not kept of a place that is confidential."""

import re

from django.core.exceptions import ValidationError

STREET = (
    "street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|dr|court|ct|way|place|pl|highway|hwy"
    "|county road|circle|cir|terrace|trail|parkway|pkwy|square"
)
ADDRESS = re.compile(
    rf"\b\d+[a-z]?\b[\w .'’-]{{0,40}}\b({STREET})\b|\bp\.? ?o\.? box\b|\bapt\b", re.I
)
NO_ADDRESS = "This reads like an address. Of a confidential place nothing but the county is kept."


def refuse_addresses(**texts: str) -> None:
    """Raise ValidationError by field for each text that reads like an address."""
    wrong = {name: NO_ADDRESS for name, text in texts.items() if ADDRESS.search(text or "")}
    if wrong:
        raise ValidationError(wrong)
