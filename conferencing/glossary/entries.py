"""The terms of the field that pages use, each declared once, with what they mean."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.text import slugify

CFR = "HUD, 24 CFR 578.3"
DATA = "HUD, HMIS Data Standards"


@dataclass(frozen=True)
class Entry:
    """A term. `labels` are fields of forms that it explains, `see` the entries it leads to."""

    name: str
    meaning: str
    source: str = ""
    asked: str = ""  # the name within "What is …?", where it is not the name itself
    is_many: bool = False
    labels: tuple[str, ...] = ()
    see: tuple[str, ...] = ()

    @property
    def slug(self) -> str:
        return slugify(self.name)

    @property
    def question(self) -> str:
        return f"What {'are' if self.is_many else 'is'} {self.asked or self.name}?"

    @property
    def url(self) -> str:
        return f"{reverse('conferencing:glossary')}#{self.slug}"


ENTRIES = [
    Entry(
        "active referral",
        "A request to a housing program to take the household. It is active until the program or"
        " the household has answered yes or no.",
        asked="an active referral",
        labels=("Active referral since",),
    ),
    Entry(
        "actively homeless",
        "The household is on the by-name list, is homeless now, and somebody has been in touch"
        " with them lately. The list calls this status Active.",
        see=("inactive", "inflow", "outflow", "population"),
    ),
    Entry(
        "alias",
        "A made-up label, such as Heron-204, in place of a name. You see the alias when the"
        " household has no release that covers you. A victim service provider’s households have"
        " only an alias.",
        asked="an alias",
        labels=("Alias",),
        see=("release of information", "victim service provider (VSP)"),
    ),
    Entry(
        "assessment",
        "A set of questions that coordinated entry asks each household to learn what help they"
        " need. HMIS keeps two levels: crisis needs and housing needs.",
        f"{DATA}, 4.19",
        asked="an assessment",
        labels=("Assessment", "Assessment level"),
    ),
    Entry(
        "by-name list",
        "A list of every household known to be homeless in the CoC. Agencies keep it up to date"
        " together, so that nobody is forgotten. A household is shown by name or by alias, as its"
        " release allows.",
        asked="the by-name list",
        see=("alias", "actively homeless", "freshness"),
    ),
    Entry(
        "carried over",
        "The call ended before this household was discussed, or the call chose to come back to"
        " it. It goes on the next roster.",
        see=("roster",),
    ),
    Entry(
        "case conferencing",
        "A regular meeting of agencies about households on the by-name list. They agree who does"
        " what next to get each household housed. At the next call each one reports what was"
        " done.",
        see=("roster", "step", "facilitator", "minutes"),
    ),
    Entry(
        "CE Specialist",
        "The CoC’s person who runs case conferencing. The CE Specialist plans the calls, settles"
        " the roster, sees that the list goes out, and checks that steps are reported.",
        asked="a CE Specialist",
        labels=("CE Specialist", "CE Specialists read"),
        see=("coordinated entry (CE)",),
    ),
    Entry(
        "CES Partner Agreement",
        "The paper that an agency signs to take part in the Coordinated Entry System. An agency"
        " without a current one gets no list and sees no households.",
        asked="a CES Partner Agreement",
        see=("confidentiality statement", "current paperwork"),
    ),
    Entry(
        "chronic homelessness",
        "A person with a disability has been homeless for at least 12 months in a row. Or they"
        " were homeless at least four times in three years, for 12 months in all. Only nights in"
        " a shelter, a safe haven or a place not meant for living count. A family counts by its"
        " head.",
        CFR,
        labels=("Chronically homeless",),
    ),
    Entry(
        "closed day",
        "A day when your offices are closed, besides weekends and federal holidays. No call is"
        " planned and no list goes out on it.",
        asked="a closed day",
    ),
    Entry(
        "confidentiality statement",
        "A promise that each person signs before they see any household. It says that what they"
        " learn about participants stays private.",
        asked="the confidentiality statement",
        see=("current paperwork",),
    ),
    Entry(
        "Continuum of Care (CoC)",
        "The group of agencies that plans and runs help for homeless people in one area. HUD"
        " funds it and knows it by a code, such as MN-502.",
        CFR,
        asked="a Continuum of Care (CoC)",
    ),
    Entry(
        "coordinated entry (CE)",
        "One shared way into help for all homeless households in the CoC. Everyone is asked the"
        " same questions and housing is offered by the same rules, whichever agency they come to"
        " first. The Coordinated Entry System (CES) is the agencies that work this way.",
        "HUD, 24 CFR 578.3 and Notice CPD-17-01",
        see=("Continuum of Care (CoC)", "assessment", "prioritization", "CE Specialist"),
    ),
    Entry(
        "current paperwork",
        "Your agency’s agreement and your own confidentiality statement are signed and have not"
        " run out. You need both to get lists and to see households. This is also called good"
        " standing.",
        see=("CES Partner Agreement", "confidentiality statement"),
    ),
    Entry(
        "diversion",
        "Help to find a safe place to stay right away, such as with family, so that a household"
        " does not need shelter.",
    ),
    Entry(
        "emergency shelter",
        "A place to sleep for a short time for people who are homeless. HUD counts people in"
        " shelter as homeless.",
        "HUD, 24 CFR 576.2",
    ),
    Entry(
        "enrollment",
        "A household’s stay in one project, as HMIS records it. It begins with a start date and"
        " is open until there is an exit.",
        DATA,
        asked="an enrollment",
        labels=("Enrollment",),
        see=("exit",),
    ),
    Entry(
        "exit",
        "The day a household leaves a project, and where they went. HMIS records it as project"
        " exit date and destination.",
        f"{DATA}, 3.11 and 3.12",
        asked="an exit",
    ),
    Entry(
        "facilitator",
        "The person who leads the call. They keep time, make sure that everyone is heard, and"
        " see that each household leaves with a step and a follow-up person. Agencies take"
        " turns.",
        asked="a facilitator",
        see=("note taker", "rotation"),
    ),
    Entry(
        "follow-through",
        "Whether the steps that the calls agreed on were done, and what got in the way.",
        see=("step", "systemic barrier"),
    ),
    Entry(
        "follow-up person",
        "The one person who takes on a step and reports on it at the next call.",
        asked="a follow-up person",
        labels=("Follow-up person",),
    ),
    Entry(
        "freshness",
        "The age of the facts about a household. Old facts can hide that a household was housed"
        " or left.",
        see=("last contact",),
    ),
    Entry(
        "guest",
        "A participant, family member or close supporter who was invited to one household’s"
        " review. A guest sees only that review.",
        asked="a guest",
    ),
    Entry(
        "head of household",
        "The person who speaks for the household and whose record stands for it. In HMIS each"
        " household has exactly one.",
        f"{DATA}, 3.15",
        asked="the head of household",
        labels=("Head of household",),
    ),
    Entry(
        "HMIS",
        "The Homeless Management Information System. The CoC’s agencies record in it whom they"
        " serve. A victim service provider must not enter people in it.",
        CFR,
        see=("enrollment", "HMIS event", "HMIS ID"),
    ),
    Entry(
        "HMIS event",
        "An entry in HMIS about what coordinated entry did for a household. It may be a referral to"
        " a housing program, and what came of it.",
        f"{DATA}, 4.20",
        asked="an HMIS event",
        labels=("Kind of event",),
        see=(
            "permanent supportive housing (PSH)",
            "rapid re-housing (RRH)",
            "transitional housing (TH)",
            "emergency shelter",
            "diversion",
        ),
    ),
    Entry(
        "HMIS ID",
        "The number by which HMIS knows a person (PersonalID). It is not a name, but treat it as"
        " private.",
        asked="the HMIS ID",
        labels=("HMIS ID",),
    ),
    Entry(
        "inactive",
        "Nobody has been in touch with the household for as many days as the CoC has set. They"
        " come off the active list but are never deleted. They return when somebody meets them"
        " again.",
    ),
    Entry(
        "inflow",
        "Households that came onto the active list in a month. They were newly identified,"
        " returned from housing, or were inactive and came back.",
    ),
    Entry(
        "last contact",
        "The last day that an agency met the household or heard from them.",
        asked="the last contact",
    ),
    Entry(
        "minutes",
        "The record of a call: who came, what the group discussed about each household, and"
        " which steps were agreed on. It cannot be changed once the call is closed. Words can"
        " only be added.",
        is_many=True,
        asked="the minutes",
    ),
    Entry(
        "move-in date",
        "The day a household moves into permanent housing. Until then they are still homeless,"
        " even when a program has accepted them.",
        f"{DATA}, 3.20",
        asked="the move-in date",
        labels=("Target move-in",),
        see=("target date",),
    ),
    Entry(
        "navigator",
        "The person who helps a household through each part of getting housed: papers,"
        " applications, looking at homes. Also called a CE housing navigator.",
        asked="a navigator",
        labels=("Navigator",),
    ),
    Entry(
        "nomination",
        "A household that an agency asks to have discussed, with the reason.",
        asked="a nomination",
    ),
    Entry(
        "note taker",
        "The person who types what is said about each household during the call. Agencies take"
        " turns.",
        asked="a note taker",
    ),
    Entry(
        "nothing to discuss",
        "The household’s step is under way and nothing changed. They stay on the roster but take"
        " no time. Any agency can ask to discuss them after all.",
        asked="“nothing to discuss”",
    ),
    Entry(
        "outflow",
        "Households that left the active list in a month. They were housed, became inactive, or"
        " no longer met the rules of the list.",
    ),
    Entry(
        "outflow round",
        "Before households become inactive, agencies share them and try once more to reach each"
        " one. Each attempt is recorded.",
        asked="an outflow round",
        see=("inactive",),
    ),
    Entry(
        "permanent supportive housing (PSH)",
        "Housing with no time limit, and services, for people with a disability.",
        CFR,
    ),
    Entry(
        "population",
        "A group that the list counts on its own. There are youth, veterans, families, and people"
        " who are chronically homeless.",
        asked="a population",
        see=("chronic homelessness", "youth"),
    ),
    Entry(
        "pre-work",
        "What an agency writes before the call about the households it works with. It saves time"
        " during the call.",
    ),
    Entry(
        "prep list",
        "The list of households for the next call. It is mailed before the call, locked with a"
        " password, to people with current paperwork.",
        asked="the prep list",
        see=("roster", "current paperwork"),
    ),
    Entry(
        "prioritization",
        "The CoC’s written rules for who is offered housing first. They look at need, not at who"
        " asks the loudest.",
        "HUD, Notices CPD-16-11 and CPD-17-01",
    ),
    Entry(
        "rapid re-housing (RRH)",
        "Help with rent for a short or medium time, and services, so that a household can move"
        " into a home of their own.",
        "HUD, 24 CFR 578.37",
    ),
    Entry(
        "release of information",
        "A form that a participant signs. It says what may be shared about them, with which"
        " agencies, and until when. They can take it back at any time.",
        asked="a release of information",
        see=("alias",),
    ),
    Entry(
        "roster",
        "The households to be discussed at one call, in order, with the reason for each.",
        asked="the roster",
        see=("nomination", "carried over", "nothing to discuss", "prep list"),
    ),
    Entry(
        "rotation",
        "Agencies take turns, by name from A to Z, to lead the call and to take notes.",
        asked="the rotation",
    ),
    Entry(
        "step",
        "One thing that has to happen for a household, with a person who does it and a date. Also"
        " called an action step.",
        asked="a step",
        see=("follow-up person", "follow-through"),
    ),
    Entry(
        "street outreach",
        "Workers who go to people living outside, in cars or in camps, and offer help.",
        "HUD, 24 CFR 576.101",
    ),
    Entry(
        "systemic barrier",
        "A barrier that many households face. No agency can fix it alone. An example: there is no"
        " bus to the county office.",
        asked="a systemic barrier",
    ),
    Entry(
        "target date",
        "The day by which the call expects a move-in or another milestone. When it passes, ask"
        " what was learned and set a new one.",
        asked="the target date",
    ),
    Entry(
        "transitional housing (TH)",
        "Housing with services for up to 24 months, on the way to permanent housing.",
        CFR,
    ),
    Entry(
        "unsheltered",
        "Living in a place not meant for people to sleep in, such as a car, a tent, a park or an"
        " empty building.",
        "HUD, 24 CFR 578.3 (homeless, category 1)",
        labels=("Needs",),
        see=("emergency shelter", "street outreach"),
    ),
    Entry(
        "victim service provider (VSP)",
        "A nonprofit agency whose main work is to help victims of domestic or dating violence,"
        " sexual assault or stalking. By law it may not share who they are unless they sign for"
        " it.",
        "HUD, 24 CFR 578.3; 34 U.S.C. 12291(b)(2)",
        asked="a victim service provider (VSP)",
    ),
    Entry(
        "youth",
        "People under 25 who are on their own, or who are parents of the family.",
        CFR,
    ),
]
BY_NAME = {each.name: each for each in ENTRIES}
BY_LABEL = {label: each for each in ENTRIES for label in each.labels}


def entry_of(name: str) -> Entry:
    return BY_NAME[name]


def alphabetically() -> list[Entry]:
    return sorted(ENTRIES, key=lambda each: each.name.lower())
