"""The words that a first draft begins with, so that a new CoC changes a text and writes none."""

from agreements.models import AgreementForm
from regions.models import Continuum

AGENCY = """# Partner agreement

This agreement is between {continuum} and the agency named below. Agencies sign it before they \
take part in case conferencing.

# What the agency does

- It helps to house people faster, and shares the work.
- It looks at the list before each call and gives an update on its action steps.
- It takes its turn as facilitator and as note taker. If it cannot, it finds a replacement and \
tells the CE Specialist.
- It respects what each household wants.

# Confidentiality

- The agency shares only what is needed to house the household.
- The list is for the person it was sent to. Nobody copies, forwards or photographs it.
- A victim service provider shares no names. Its households are known by alias.

# Term

The agreement begins on the day it is countersigned, for the months shown with this version. \
Either side may end it in writing."""

PERSONAL = """# Confidentiality statement

I take part in case conferencing of {continuum}.

- I share and ask for only what is needed to house the household.
- I keep what I read and hear to myself, and to people who need it for the household’s housing and \
whose agreement and statement are current.
- I do not copy, forward or photograph the list. I keep its password to myself.
- I tell the CE Specialist at once if information may have reached somebody it should not have \
reached."""

WORDS = {AgreementForm.Kind.AGENCY: AGENCY, AgreementForm.Kind.PERSONAL: PERSONAL}


def starter_text(continuum: Continuum, kind: AgreementForm.Kind) -> str:
    """The starter text of a kind, with the CoC's name; empty for a kind without one."""
    return WORDS.get(kind, "").replace("{continuum}", continuum.name)
