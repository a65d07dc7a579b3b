"""What stands in households' way in the example, what is done about it, and how that goes.

The words are those of the catalog (`conferencing/barriers.py`).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Barrier:
    """`steps` are what agencies take on against it; the rest is what they report.

    Of as many lines as there are steps, each is said of its own step.
    """

    steps: tuple[str, ...]
    done: tuple[str, ...]
    under_way: tuple[str, ...]
    blocked: tuple[str, ...]
    is_systemic: bool = False


BARRIERS = {
    "No photo ID": Barrier(
        steps=("Help order a birth certificate", "Go along to the license office for the ID"),
        done=("Birth certificate is here.", "The ID came by mail; a copy is on file."),
        under_way=("Ordered; the state says three weeks.", "Appointment made for next week."),
        blocked=("The office asks for a second proof of address.",),
    ),
    "No income yet": Barrier(
        steps=("Gather proof of income", "Help with the benefits application"),
        done=("Two pay stubs are on file.", "Benefits approved; letter uploaded."),
        under_way=("First pay stub is here.", "Application sent; interview by phone is set."),
        blocked=("The county lost the application; it has to be sent again.",),
    ),
    "Eviction on record": Barrier(
        steps=("Write a letter to the landlord about the old eviction", "Refer to legal aid"),
        done=("The landlord read the letter and takes the application.", "Legal aid has taken it."),
        under_way=("Draft is with the household to sign.", "Legal aid calls back on Monday."),
        blocked=("Court papers are missing; the clerk needs the case number.",),
        is_systemic=True,
    ),
    "No transportation": Barrier(
        steps=("Arrange rides to two viewings", "Apply for the bus pass"),
        done=("Both viewings done.", "Bus pass handed over."),
        under_way=("First ride is on Thursday.", "Form is in; pass comes by mail."),
        blocked=("No volunteer driver in the county until next month.",),
        is_systemic=True,
    ),
    "Landlords refuse the voucher": Barrier(
        steps=("Call the landlord about the open unit", "Ask the landlord liaison for two leads"),
        done=("The landlord agreed to a viewing.", "Two leads given; one fits."),
        under_way=("Left word with the manager; she calls back.", "One lead so far."),
        blocked=("Three landlords said no to the voucher this month.",),
        is_systemic=True,
    ),
    "No unit of the size needed": Barrier(
        steps=(
            "Ask the housing authority for the next larger units",
            "Look over this week's units",
        ),
        done=("On the list for the next three-bedroom.", "Sent the household two units that fit."),
        under_way=(
            "The authority answers by the end of the month.",
            "Nothing that fits this week.",
        ),
        blocked=("No unit of that size is open in the county.",),
        is_systemic=True,
    ),
    "Phone out of service": Barrier(
        steps=("Drop off a phone and update the contact",),
        done=("Phone handed over; new contact is in HMIS.",),
        under_way=("Phone ordered.",),
        blocked=("The program has no phones left until next month.",),
    ),
    "Voucher runs out soon": Barrier(
        steps=("Ask for more time on the voucher",),
        done=("Sixty more days granted.",),
        under_way=("Request sent with the list of units tried.",),
        blocked=("The authority gives no more time without a doctor's letter.",),
    ),
    "No money for deposit or first rent": Barrier(
        steps=("Apply for deposit help", "Ask the county about emergency assistance"),
        done=("Deposit approved for up to two months.",),
        under_way=("Application is in; answer in ten days.",),
        blocked=("The fund is empty until the new quarter.",),
        is_systemic=True,
    ),
}
GENERAL_STEPS = (
    "Complete the housing assessment",
    "Bring the household to the intake",
    "Drop off winter gear and update the contact",
    "Meet the household and go through the options again",
)
GENERAL_LINES = {
    "done": ("Done; papers are on file.", "Went well, next is the viewing.", "Done on Tuesday."),
    "under_way": ("Appointment made.", "Waiting for the county's answer."),
    "blocked": ("The office was closed; new date asked for.",),
}
NOT_REACHED_LINES = ("Left two messages.", "Not there at the agreed time, twice.")
NOT_DONE_LINES = ("The worker was out sick for two weeks.", "The position was open all month.")
NOT_NEEDED_LINES = ("The household did it by itself.", "No longer asked for.")
LET_GO_LINE = "Let go on the call; another step takes its place."
LEFT_LINES = {
    "housed": ("Moved in; keys are handed over.",),
    "inactive": ("Moved to inactive; nobody has heard from them.",),
}


def lines_for(barrier: str | None, what: str, progress: str) -> tuple[str, ...]:
    """What an agency says in its report: by the barrier of the step, else in general."""
    if progress == "not_reached":
        return NOT_REACHED_LINES
    if progress == "not_done":
        return NOT_DONE_LINES
    if progress == "not_needed":
        return NOT_NEEDED_LINES
    if barrier is None:
        return GENERAL_LINES[progress]
    lines: tuple[str, ...] = getattr(BARRIERS[barrier], progress)
    steps = BARRIERS[barrier].steps
    return lines[steps.index(what) :][:1] if len(lines) == len(steps) else lines
