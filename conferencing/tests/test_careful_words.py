"""Texts that must hint and texts that must not, kind by kind; then any text at all."""

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conferencing.careful_words import Hint, Kind, hints
from conferencing.careful_words.rules import DIAGNOSIS
from conferencing.careful_words.whereabouts import ADDRESS, PHONE, REFUSED

SSN = (
    "SSN 123-45-6789",
    "her number is 512-44-1234, on the old form",
    "123 45 6789",
    "123.45.6789",
    "123 - 45 - 6789",
    "123–45–6789 with long dashes",
    "social security number 123456789",
    "Social Security #: 123456789",
    "ss# 123 45 6789",
    "soc sec no. 123-45-6789",
    "ITIN 912-78-1234",
    "ITIN: 912781234",
    "xxx-xx-6789",
    "***-**-6789",
    "last four of her social: 6789",
    "last 4 of SSN is 6789",
    "SSN ends in 6789",
    "social ending in 6789",
)
BIRTH_DATES = (
    "DOB 4/12/1988",
    "dob: 04-12-88",
    "D.O.B. 4/12/88",
    "Date of birth is April 12, 1988",
    "born 12 April 1988",
    "Born on April 12th, 1988 in Winona",
    "her birthday is 4/12/2015",
    "Birth date: 1988-04-12",
    "DOB 4/12",
    "Joan, 04/12/1988, called",
    "see file 1988-04-12",
    "04.12.2003",
)
DIAGNOSES = (
    "Diagnosed with bipolar last year.",
    "schizophrenia",
    "She has schizoaffective disorder",
    "PTSD from the service",
    "C-PTSD",
    "post-traumatic stress",
    "major depression",
    "struggles with depression",
    "She is clinically depressed",
    "anxiety disorder",
    "has severe anxiety in crowds",
    "borderline personality",
    "son has autism",
    "ADHD, needs reminders",
    "early dementia",
    "Alzheimer’s",
    "SPMI, so eligible",
    "serious mental illness",
    "brain injury after a fall",
    "TBI",
    "breast cancer, second round of chemo",
    "diabetic, needs a fridge for insulin",
    "Type 2 diabetes",
    "epilepsy",
    "had a seizure at the office",
    "COPD, on oxygen",
    "hepatitis C",
    "hep C",
    "active TB",
    "dialysis three times a week",
    "heart failure",
    "after a stroke he uses a walker",
    "tested positive for covid",
    "stopped taking lithium",
    "Dx: unclear",
)
HIV = (
    "HIV positive",
    "hiv+",
    "HIV+ since 2019",
    "he has AIDS",
    "living with aids",
    "AIDS",
    "AIDS-related illness",
    "Eligible for HOPWA",
    "Ryan White case manager",
    "antiretrovirals in the fridge",
    "anti-retroviral",
    "her viral load",
    "CD4 count",
    "seropositive",
    "on PrEP",
    "takes Biktarvy",
)
SUBSTANCE_USE = (
    "in treatment until May",
    "left treatment early",
    "went to treatment in March",
    "treatment center in the Cities",
    "inpatient treatment",
    "got out of detox Friday",
    "went to rehab",
    "relapsed in June",
    "six months sober",
    "sobriety is going well",
    "90 days clean",
    "has been clean since March",
    "got clean, wants her kids back",
    "clean for two years",
    "on methadone",
    "Suboxone clinic",
    "started MAT",
    "goes to AA every day",
    "NA meetings",
    "12-step group",
    "heroin",
    "uses meth",
    "smokes weed in the unit",
    "fentanyl",
    "cocaine",
    "an alcoholic",
    "drinking again",
    "came drunk to the viewing",
    "overdosed in the spring",
    "carries Narcan",
    "addiction counselor",
    "substance use disorder",
    "substance abuse",
    "Rule 25 done",
    "chemical dependency assessment",
    "CD treatment",
    "in recovery",
    "recovery housing",
    "halfway house",
    "drug court",
    "using again",
)
CRIMINAL = (
    "felony from 2012",
    "a felon",
    "misdemeanor theft",
    "was convicted of assault",
    "drug conviction",
    "arrested on Tuesday",
    "in jail until Friday",
    "released from prison",
    "was incarcerated",
    "on probation",
    "on parole",
    "parolee of the county",
    "parole officer will call",
    "registered sex offender",
    "level 3 offender",
    "has a warrant",
    "outstanding warrants",
    "DUI last year",
    "DWI",
    "charged with burglary",
    "pending charges",
    "assault charge",
    "charges were dropped",
    "criminal record",
    "criminal history keeps landlords away",
    "has a record",
    "sentenced to 90 days",
    "served time",
    "out on bail",
    "ankle monitor",
    "expungement of the old case",
    "Department of Corrections",
    "gang member",
)
WHEREABOUTS = (
    "412 Oak St",
    "412 oak street",
    "lives at 1200 7th Ave NW",
    "88 N Main Street, upstairs",
    "15 Maple Court",
    "2301 Willow Creek Drive",
    "on Maple Street",
    "on main street",
    "behind 3rd ave",
    "off Highway 14",
    "hwy 52 and the frontage road",
    "County Road 9",
    "near exit 218",
    "by I-90",
    "PO Box 114",
    "corner of Oak and Third",
    "5th and Main",
    "Broadway & 2nd",
    "intersection of cedar and elm",
    "Apt 4B",
    "apt. 12",
    "unit 7",
    "Room 204",
    "Lot 31",
    "Unit C",
    "44.0234, -92.4630",
    "44° 1' 24\" N",
    "zip 55021",
    "Faribault, MN 55021",
    "https://maps.app.goo.gl/abcdef",
    "call her on 507-555-0142",
    "(507) 555-0142",
    "507.555.0142",
    "+1 507 555 0142",
    "5075550142",
    "555-0142",
    "staying with her sister",
    "staying with a friend",
    "Stays with family for now",
    "is sleeping on the couch of her aunt",
    "in her brother's basement",
    "staying with Maria",
    "stays w/ her mom",
    "went back to her mother's house",
    "took the bus to Mankato",
    "lives above the bakery",
    "In Owatonna now.",
    "address: 12 Cedar",
    "STAYING IN FARIBAULT",
    "staying at the Willows",
    "staying at Orchard Ridge",
    "stays at first lutheran",
    "staying at her friend's",
    "stays at her mother’s",
    "slept in the car behind the library",
    "sleeps under the bridge",
    "lives in Faribault",
    "lives in faribault now",
    "Living near Owatonna",
    "currently in Northfield",
    "moved to Rochester",
    "fled to Iowa",
    "back in Austin",
    "a motel in Owatonna",
    "works in Northfield",
    "works at Hormel",
    "kids go to school in Winona",
    "at Gateway Shelter",
    "the bed at Dorothy Day House",
    "Bluffs Shelter has her",
    "Budget Inn",
    "Super 8",
    "Cedar Apartments",
    "Sunrise Mobile Home Park",
    "in Mercy Hospital",
    "behind the Walmart",
    "parking lot of the Kwik Trip",
    "was seen outside Target",
)
MUST = (
    *((Kind.SSN, text) for text in SSN),
    *((Kind.BIRTH_DATE, text) for text in BIRTH_DATES),
    *((Kind.DIAGNOSIS, text) for text in DIAGNOSES),
    *((Kind.HIV, text) for text in HIV),
    *((Kind.SUBSTANCE_USE, text) for text in SUBSTANCE_USE),
    *((Kind.CRIMINAL, text) for text in CRIMINAL),
)

# Nobody's note: nothing here may hint, of whomever it is written.
PLAIN = (
    "Appointment on 4/12/2026 at 10.",
    "Lease from 2026-05-01, deposit paid.",
    "Born in Winona, has family there.",
    "Birthday in May, turns 18: ask about the youth program.",
    "Baby is due in March; call on 4/12.",
    "",
    "Waits for a birth certificate.",
    "Case manager Clean will call on Monday.",
    "Case number 123456789",
    "HMIS ID 987654321, file 2024-118-0042",
    "Voucher no. 000-12-3456 is not a number anybody has.",
    "Applied on 03/15/2026; decision by 04-30-2026.",
    "Social Security card ordered.",
    "Waits for the Social Security office; SSI pending.",
    "Social worker called 4 times since 2024.",
    "Income 1,234.56 a month.",
    "AIDS the family in finding a home.",
    "Our staff AIDS families with moving.",
    "Needs hearing aids before the viewing.",
    "Home health aids come twice a week.",
    "Has a walker and other mobility aids.",
    "Financial aids office sent the form.",
    "Positive landlord reference.",
    "The landlord was positive about the application.",
    "Wants a clean unit with a fridge.",
    "The unit was cleaned; it is clean and quiet.",
    "The apartment has been clean and tidy.",
    "Crack in the bedroom wall reported.",
    "The unit is under rehab of the county; rehab loan approved.",
    "Housing rehab takes until May.",
    "Asks for equal treatment by landlords.",
    "Bed bug treatment done.",
    "Pest treatment of the unit is on Thursday.",
    "AA batteries for the smoke alarm.",
    "Welcome mat, pots and pans delivered.",
    "Recovery funds from the state.",
    "The landlord runs a criminal background check.",
    "No criminal background check needed.",
    "Eviction on record from 2019.",
    "The eviction expungement is filed.",
    "The office charges an application fee.",
    "In charge of the viewing: the navigator.",
    "The worker is charged with finding a unit.",
    "Phone charged at the office.",
    "Warrants a second visit.",
    "On probation at her new job until July.",
    "Probationary period ends in June.",
    "Has a strong conviction that this unit will work.",
    "Has a record of paying rent on time.",
    "Verification of disability is on file.",
    "Accessible unit, no stairs.",
    "Hospital bill in collection.",
    "Medical appointment on Tuesday morning.",
    "After a stroke of luck the landlord said yes.",
    "American Cancer Society pays for gas cards.",
    "The rental market is slow.",
    "Lithium battery of the scooter is replaced.",
    "Unit tested positive for lead.",
    "Drugstore on the bus line.",
    "Expects her second child in May.",
    "Uses the bus; no car.",
    "Sentence missing in the letter.",
    "Bond for the unit is paid by the county.",
    "Corrections to the application were sent.",
    "Time served: the notice runs out in 30 days.",
    "Dog is an emotional support animal.",
    "The prep list went out.",
    "Was high on the waiting list.",
    "Court date for the eviction is on the 5th.",
    "Housing Court on Monday.",
)
# Ordinary housing talk of a victim service provider's participant.
NO_PLACE = (
    "Wants a one bedroom near the bus line.",
    "Is in a safe place.",
    "Staying in a safe place.",
    "Staying at a safe place for now.",
    "Staying at an undisclosed location.",
    "Moved out of the county.",
    "Moved out of state in March.",
    "In a shelter, exit in two weeks.",
    "Living in a shelter since May.",
    "Stays in a motel; voucher ends Friday.",
    "Living in her car.",
    "Lives in fear of being found.",
    "Living in transitional housing.",
    "Living in overcrowded conditions.",
    "Wants a unit in Rice County.",
    "Looks for a two-bedroom in Steele County.",
    "Would like to live in Rochester.",
    "Looking for an apartment in Owatonna or farther.",
    "Cannot live with her mother.",
    "Can no longer stay with family.",
    "Does not want to stay with relatives.",
    "Lives with her two children.",
    "Living with a disability.",
    "Living at or below 30% of the median.",
    "Stays at home in the evenings.",
    "Sleeps at night again.",
    "Waiting for an apartment with 2 bedrooms.",
    "Needs a unit 2 bedrooms or larger.",
    "Room for 3 children.",
    "Has 2 kids on the street list.",
    "12 days on the waiting list.",
    "14 days on the street before that.",
    "Homeless for 3 years.",
    "Met twice in January.",
    "Speaks to staff in Spanish.",
    "Is in Coordinated Entry since March.",
    "Moved to Inactive by mistake.",
    "Call with the advocate on Tuesday at noon.",
    "Ask Tom Becker at Driftless Outreach about gear.",
    "Case manager at Anchor Family Services will call.",
    "The navigator, Tom at Driftless, has the forms.",
    "Elm Street Youth Center sends the form.",
    "Juniper House will report at the next call.",
    "United Way pays the deposit.",
    "Section 8 voucher, 60 days left.",
    "Meeting on May 5th and June 3rd.",
    "Region 2 has no units of that size.",
    "Near a school and a grocery store, please.",
    "Emergency Shelter funds are used up.",
    "Protection order granted; safety plan is made.",
    "Rent up to $1,150; deposit 1,200.",
    "Case 5075550142 at the county.",
    "Bus route 9 would do.",
    "Stays in contact with the advocate twice a week.",
    "Wrote 20 letters this way.",
    "Moved in on May 3; housed in a two-bedroom since.",
    "Was placed with Rapid Rehousing.",
    "At Harbor Light the advocate waits for the papers.",
    "Wants to stay in the county so that the children keep their school.",
    "Rural, quiet, place to park the truck.",
    "Back to Coordinated Entry in July.",
    "Priority #2; preference for ground floor.",
)


def kinds(text, *, is_confidential=False):
    return {hint.kind for hint in hints(text, is_confidential=is_confidential)}


@pytest.mark.parametrize(("kind", "text"), MUST)
def test_hints_on_what_does_not_belong_in_a_shared_review(kind, text):
    found = [hint for hint in hints(text, is_confidential=False) if hint.kind == kind]
    assert [(hint.kind, hint.is_refused) for hint in found] != []
    assert {hint.is_refused for hint in found} == {False}


@pytest.mark.parametrize("text", WHEREABOUTS)
def test_hints_refuses_the_whereabouts_of_a_victim_service_providers_participant_only(text):
    refused = [hint for hint in hints(text, is_confidential=True) if hint.is_refused]
    assert {hint.kind for hint in refused} == {Kind.WHEREABOUTS}
    assert Kind.WHEREABOUTS not in kinds(text)


@pytest.mark.parametrize("text", PLAIN)
def test_hints_says_nothing_of_ordinary_notes(text):
    assert hints(text, is_confidential=False) == []


@pytest.mark.parametrize("text", [*PLAIN, *NO_PLACE])
def test_hints_says_nothing_of_ordinary_housing_talk_of_a_confidential_household(text):
    assert hints(text, is_confidential=True) == []


@pytest.mark.parametrize("text", WHEREABOUTS)
def test_hints_says_nothing_of_places_of_other_households(text):
    assert hints(text, is_confidential=False) == []


def test_a_birth_date_is_no_social_security_number():
    assert kinds("Born 12-05-1984? The file says 1984-05-12.") == {Kind.BIRTH_DATE}


def test_hints_gives_kind_words_and_span_in_the_order_of_the_text():
    text = "Diagnosed with ADHD.\nCall 507-555-0142, 412 Oak St Apt 4."
    assert hints(text, is_confidential=True) == [
        Hint(Kind.DIAGNOSIS, DIAGNOSIS.words, 0, 9, False),
        Hint(Kind.DIAGNOSIS, DIAGNOSIS.words, 15, 19, False),
        Hint(Kind.WHEREABOUTS, PHONE.words, 26, 38, True),
        Hint(Kind.WHEREABOUTS, ADDRESS.words, 40, 50, True),
        Hint(Kind.WHEREABOUTS, REFUSED, 51, 56, True),
    ]
    assert hints(text, is_confidential=False) == [
        Hint(Kind.DIAGNOSIS, DIAGNOSIS.words, 0, 9, False),
        Hint(Kind.DIAGNOSIS, DIAGNOSIS.words, 15, 19, False),
    ]


def test_hints_joins_what_two_rules_find_in_one_place():
    (hint,) = hints("Staying at 412 Oak St", is_confidential=True)
    assert (hint.start, hint.end, hint.is_refused) == (0, 21, True)


def test_hints_finds_across_any_blanks_but_never_across_lines():
    text = "staying   with\u00a0 her\tsister"
    (hint,) = hints(text, is_confidential=True)
    assert text[hint.start : hint.end] == text
    assert hints("Wants an apartment\n2 adults", is_confidential=True) == []


def test_hints_keeps_places_where_small_letters_are_longer_than_capitals():
    text = "İİİ  İ has  PTSD"
    (hint,) = hints(text, is_confidential=False)
    assert text[hint.start : hint.end] == "PTSD"


def test_hints_on_long_texts_takes_no_time_to_notice():
    texts = (
        "Wants a one bedroom near the bus line. " * 130,
        "A" * 5000,
        "Aa " * 1700,
        "1 " * 2500,
        "1-" * 2500,
        "staying " * 620,
        "x" * 5000,
        "stays in " * 550,
        "lives aaaa " * 450,
        "wants a " * 620,
        " " * 5000,
        "Ab'" * 1650,
    )
    took = []
    for text in texts:
        began = perf_counter()
        hints(text, is_confidential=True)
        took.append(perf_counter() - began)
    assert max(took) < 0.25


@given(st.text(), st.booleans())
def test_hints_spans_lie_in_any_text_and_never_overlap_within_a_kind(text, is_confidential):
    check(text, is_confidential)


FRAGMENTS = st.sampled_from(
    (*SSN, *HIV, *WHEREABOUTS, *PLAIN, *NO_PLACE, "İ", " ", "  ", "\n", "’", "-", "7", "ß", "é")
)


@given(st.lists(FRAGMENTS, max_size=12).map("".join), st.booleans())
def test_hints_spans_lie_in_texts_of_findings_run_together(text, is_confidential):
    check(text, is_confidential)


def check(text, is_confidential):
    found = hints(text, is_confidential=is_confidential)
    assert found == sorted(found, key=lambda each: each.start)
    ends = dict.fromkeys(Kind, 0)
    for hint in found:
        assert ends[hint.kind] <= hint.start < hint.end <= len(text)
        assert hint.is_refused == (hint.kind is Kind.WHEREABOUTS)
        ends[hint.kind] = hint.end
    if not is_confidential:
        assert Kind.WHEREABOUTS not in {hint.kind for hint in found}
