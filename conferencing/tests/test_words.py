"""Pages speak as a social worker does to a colleague: turns of phrase that they do without."""

import ast
import re

import pytest
from django.conf import settings

ROOMS = (
    "accounts",
    "agreements",
    "audit",
    "conferencing",
    "housing",
    "outbox",
    "participants",
    "regions",
)
# Found on pages once; beside each stands what the pages say instead.
WITHOUT = {
    "What needs you now": "Your to-do list",
    "became of": "status, what happened, an update on",
    "for want of paper": "won’t get the list: agreement missing",
    "Give the step": "Assign step",
    "Steps from today": "New steps",
    "They report": "Record update",
    "What is to be done": "What needs to happen",
    "On the table now": "Discussing now",
    "Raise a household": "Add a household to the agenda",
    "End the place": "Remove access",
    "My place": "My role",
    "Here since": "Member since",
    "Scan put in": "Scan uploaded",
    "asks for more certainty": "Re-enter your password to continue",
    "Besides": "Other updates",
    "Not spoken of": "Not discussed",
    "The report is written down": "Update saved",
    "our list by a sheet": "Upload our list",
    "is no alias": "This doesn’t look like an alias",
    "Expected, and not there": "Absent",
    "What was said": "Discussion",
    "Who was there": "Attendees",
    "counts until": "valid through",
    "Not heard yet": "Hasn’t spoken yet",
    "Nobody is ticked yet": "No one has checked in yet",
    "A word to them": "Message",
    "You cannot come": "Can’t make it?",
    "Accept: I do it": "Yes, I’ll do it",
    "Make-up": "Household, size",
    "How old": "Data age",
    "Kept by": "Agency",
    "Past its day": "Overdue for contact",
    "older than promised": "Out of date",
    "Longest on the list, number": "2nd longest on the list",
    "may not come here": "isn’t allowed",
    "It counts at once": "Takes effect immediately",
    "not called back": "can’t be recalled",
    "Write nothing about participants": "Do not include client information",
    "What speaks for one person": "Why these may match",
    "Twice on file": "Possible duplicate?",
    "what the calls agree": "Follow-through on action steps",
    "When the region calls": "Meeting schedule",
    "what stands on every list": "printed on every list",
    "Stands in for": "Substituting for",
    "looked for and not reached": "attempted",
    "not looked for": "not attempted",
    "Begun at": "Started",
    "Refused whole": "Not imported",
    "Non-disclosure words": "Confidentiality notice",
    "texts to sign": "Agreements and statements",
    "Signed now": "Current",
    "in standing": "paperwork current, or which paper is missing",
    "Ready to look at": "Ready to review",
    "your own place": "your role",
    "no place in an agency": "aren’t assigned to an agency",
    "the place ends": "access ends",
    "Change the place of": "Change the role of",
    "stand with their": "are listed under their",
    "Gets it,Does not get it": "Gets the list: Yes",
    "are inactive within": "will become inactive within 14 days",
    "One press of": "Press",
    "Who was attempted": "Households attempted",
    "nobody looked for": "no attempt",
    "past their day": "overdue",
    "is past its day": "is overdue",
    "Begin the round": "Start the round",
    "live release": "current release",
    "How fresh": "Data age",
    "Past the day": "Overdue for contact",
    "speak for one person": "possible duplicates",
    "may be of one person": "possible duplicate",
    "Write no names": "Do not include client information",
    "No household stands": "contains no households",
    "Stands in the": "Printed in the",
    "Stands on": "Printed on",
    "Stand on every": "Printed on every",
    "non-disclosure words": "confidentiality notice",
    "What stands in many": "Barriers many households face",
    "roster weighs": "priority on the next roster",
    "at the hint below": "see the note under",
    "can be begun": "You can begin 30 minutes early",
    "begins it": "begins the call",
    "Load this page again": "Refresh",
    "Do something with": "Actions for",
    "Place in words": "Location details",
    "The place in": "Location details",
    "Leave empty": "Leave blank",
    "Leave it empty": "Leave it blank",
    "Empty: ": "Leave blank",
    "one is made": "Leave blank to generate one",
    "paper to hand over": "copy for the participant",
    "counts for nothing": "is no longer valid",
    "be called back": "be recalled",
    "Below stands": "is filled in below",
    "refused whole": "skipped entirely",
    "to whose review you may": "You can’t invite guests to any review",
    "part the two": "undo the merge",
    "this print holds": "prints only",
    "Whether they are is": "You can turn this on",
    "in this address": "One filter was not recognized",
    "numbers of people or": "phone numbers, ID numbers or notes",
    "comes on, who": "is added",
    "Calls in": "Meetings in",
    "As it began": "At the start of the meeting",
    "e-mail": "email",
    "E-mail": "Email",
    "HMIS id": "HMIS ID",
    "goes on counting": "stays valid",
    "Signs in by itself": "Works without the password",
    "on the table": "being discussed",
    "signatures count": "signatures are valid",
    "promised each other": "out of date",
    "in turn": "by rotation",
    "taken up": "used",
    "be taken over": "be used",
    "asked to take over": "asked to fill in",
    "take over a role": "fill in",
    "is asked to": "was asked to",
    "by hand": "yourself, manually",
    "bring no": "don’t use",
    "is read out": "is read aloud",
    "was read out": "was read aloud",
    "meeting is closed": "The call is closed",
    "it stands in": "it is kept in",
    "it stands on": "it is printed on, it is shown on",
    "stand beside": "is added beside",
    "stands beside": "goes with",
    "stands under": "is listed under",
    "stands with": "is kept with",
    "stands there": "is recorded now",
    "comes on the": "is added to the",
    "goes off the": "is removed from the",
    "takes up": "starts",
    "Look again": "Review again",
}
# As the whole of a label, a heading or a choice.
NO_LABELS = {
    "Left": "Mark as left",
    "Staying": "Location",
    "Ends": "Expires",
    "Put in": "Upload",
    "Signs in": "Active",
    "Take over": "Use this",
    "Takes up": "Starts",
    "Comes on": "Is added",
    "Goes off": "Is removed",
    "Look again": "Review again",
}
# The table of the house, as the words were found: each is refused.
TABLE = """
What needs you now; left out for want of paper; not in standing; what became of it
became of their list; Say in a choice and one line what became of it; Give the step
Steps from today; They report; What is to be done; On the table now; takes up
Raise a household; End the place; My place; Here since; Scan put in; put in; signs in
What comes next asks for more certainty; Take over; Besides; Not spoken of
The report is written down; Replace our list by a sheet; comes on; goes off; comes on the list
goes off the list; Heron is no alias; Expected, and not there; What was said; Who was there
counts until; ends; Not heard yet; Left; Nobody is ticked yet; A word to them
You cannot come?; Accept: I do it; Make-up; How old; Staying; Kept by; Past its day
older than promised; Longest on the list, number 2: 1063 days; may not come here
Empty: one is made; It counts at once; Copies are not called back
Write nothing about participants; What speaks for one person; Twice on file?
What becomes of what the calls agree; When the region calls; what stands on every list
No other agency is in turn; Stands in for; by hand; looked for and not reached
not looked for yet; whoever nobody looked for stays; Begun at; Ready to look at; Look again
Refused whole; Non-disclosure words; texts to sign; Signed now
"""
# British spelling, kind by kind.
BRITISH = (
    r"enrol(?:s|ments?)?",
    r"cancell(?:ed|ing)",
    r"(?:channel|counsel|dial|fuel|initial|label|level|model|signal|total|travel)l(?:ed|ing|ers?)",
    r"[a-z]*(?:behavi|col|endeav|fav|harb|hon|hum|lab|neighb|rum)our[a-z]*",
    r"cent(?:re|res|red)|theatres?|metres?|litres?|fibre",
    r"[a-z]{3,}is(?:e|es|ed|ing|ations?)",
    r"analys(?:e|es|ed|ing)|programmes?|catalogues?|dialogues?",
    r"licences?|defence|offences?|practis(?:e|es|ed|ing)",
    r"judgement|acknowledgements?|ageing|grey|cheques?|fulfil|skilful|wilful|instalments?",
    r"whilst|amongst|learnt|spelt|towards|afterwards",
    r"fortnight[a-z]*|postcodes?|diary|mum",
)
# What ends so in America too.
ALIKE = """
advertise advise advised arise compromise concise disguise exercise expertise franchise likewise
merchandise otherwise precise premise promise promised promises raise raised raises raising revise
revised supervise supervised surprise
"""
AMERICAN = frozenset(ALIKE.split())
SPELLED = re.compile(rf"(?<![\w-])(?:{'|'.join(BRITISH)})(?![\w-])", re.I)
# The CoCs’ own procedures, what people may type, licenses.
NOT_OURS = (
    "conferencing/config/settings.py",
    "conferencing/careful_words/",
    "conferencing/example/procedures.py",
    "participants/aliases.py",
    "participants/redaction/",
    "templates/documents/fonts/",
)


def spelled_british(text):
    found = SPELLED.findall(text)
    return [each for each in found if each.lower() not in AMERICAN and not each.isupper()]


# As a label alone, or as they are spelled: within a sentence these words are as good as any.
AS_THEY_STAND = {
    *("Besides", "Calls in", "Empty: ", "Here since", "HMIS id", "How fresh", "Kept by"),
    *("Place in words", "Stands in the", "Stands on", "Who was there"),
}
UNSEEN = re.compile(r"{% comment %}.*?{% endcomment %}|{#.*?#}|{% for .*?%}", re.S)
TAG = re.compile(r"{%.*?%}|<[^>]*>", re.S)
REMARK = re.compile(r"(?:^|(?<=\s))//[^\n]*|/\*.*?\*/", re.M | re.S)


def pattern_of(phrase):
    """The phrase, over the end of a line too, in capitals or small letters where both are it."""
    words = r"\s+".join(map(re.escape, phrase.split()))
    words += r"\s" * phrase.endswith(" ")
    return rf"(?{'' if phrase in AS_THEY_STAND else 'i'}:{words})(?![\w-])"


# Where a word begins is asked once for all of them.
FOUND = re.compile(
    r"\b(?<![\w-])(?:"
    + "|".join(f"(?P<p{place}>{pattern_of(each)})" for place, each in enumerate(WITHOUT))
    + ")"
)
PHRASES = list(WITHOUT)


def found_in(text):
    return [PHRASES[int(each.lastgroup[1:])] for each in FOUND.finditer(text)]


def texts_of_templates():
    """What a page says, also where a tag stands between two words of it."""
    for path in (settings.BASE_DIR / "templates").rglob("*"):
        if path.suffix in (".html", ".txt"):
            text = UNSEEN.sub(" ", path.read_text())
            yield path, text
            yield path, TAG.sub("", text)


def texts_of_scripts():
    """What a page says by script, and what documents say; without remarks."""
    written = [
        *(settings.BASE_DIR / "static" / "js").rglob("*.js"),
        *(settings.BASE_DIR / "templates").rglob("*.typ"),
    ]
    for path in written:
        yield path, REMARK.sub(" ", path.read_text())


def unseen_help_of(tree):
    """The help of columns that no form shows."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call):
            given = {each.arg: each.value for each in call.keywords}
            is_shown = getattr(given.get("editable"), "value", True)
            if not is_shown and "help_text" in given:
                yield from ast.walk(given["help_text"])


def texts_of_modules():
    """What code says: its strings, without docstrings and what nobody is shown."""
    for room in ROOMS:
        for path in (settings.BASE_DIR / room).rglob("*.py"):
            if {"tests", "migrations"} & set(path.parts):
                continue
            tree = ast.parse(path.read_text())
            told = {
                id(node.value)
                for node in ast.walk(tree)
                if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            }
            told |= set(map(id, unseen_help_of(tree)))
            for node in ast.walk(tree):
                is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
                if is_text and id(node) not in told:
                    yield path, node.value


def test_pages_do_without_the_phrases_that_nobody_says():
    texts = [*texts_of_templates(), *texts_of_scripts(), *texts_of_modules()]
    faults = {
        f"{path.relative_to(settings.BASE_DIR)}: {found}: {WITHOUT[found]}"
        for path, text in texts
        for found in found_in(text)
    }
    assert faults == set()
    assert len(texts) > 5000


def test_remarks_of_scripts_are_not_what_they_say():
    text = 'say("https://a/b");  // on the table\n/* by\nhand */ // x\nsay("It is on the table");'
    assert found_in(REMARK.sub(" ", text)) == ["on the table"]
    assert "https://a/b" in REMARK.sub(" ", text)
    assert len(list(texts_of_scripts())) > 40


def test_the_help_of_columns_that_no_form_shows_is_not_what_pages_say():
    columns = "".join(
        f'models.TextField(help_text="Added {words}."{more})\n'
        for words, more in (("by hand", ", editable=False"), ("by post", ""))
    )
    unseen = [each.value for each in unseen_help_of(ast.parse(columns))]
    assert unseen == ["Added by hand."]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It is counts{% if on %} until {{ on }}{% endif %}", ["counts until"]),
        ("version 2 is signed\n  now.", ["Signed now"]),
        ("A list kept by the agency; Kept by", ["Kept by"]),
        ("Twice on <b>file</b>?", ["Twice on file"]),
        ("Uncounts until, counts until-then", []),
    ],
)
def test_phrases_are_found_however_they_are_written(text, found):
    assert found_in(TAG.sub("", text)) == found


def labels_of_templates():
    """What stands by itself between two tags."""
    for path, text in texts_of_templates():
        for each in re.split(r"<[^>]*>|{%.*?%}|{{.*?}}", text, flags=re.S):
            yield path, each.strip()


def is_no_label(text):
    return re.sub(r"\s+", " ", text).rstrip("….:?").capitalize() in NO_LABELS


def test_no_label_says_what_only_a_sentence_may():
    texts = [*labels_of_templates(), *texts_of_modules()]
    faults = {
        f"{name}: {text}"
        for path, text in texts
        if is_no_label(text)
        and text != text.lower()
        and not (name := str(path.relative_to(settings.BASE_DIR))).startswith(NOT_OURS)
    }
    assert faults == set()
    assert is_no_label("Look\n again")
    assert not is_no_label("Left behind")


@pytest.mark.parametrize(
    "words", [" ".join(each.split()) for each in re.split("[;\n]", TABLE.strip())]
)
def test_every_row_of_the_table_is_refused(words):
    assert found_in(words) or is_no_label(words)


def test_spelling_is_american():
    texts = [
        *((path, TAG.sub(" ", text)) for path, text in texts_of_templates()),
        *((path, text) for path, text in texts_of_modules() if not re.fullmatch("[a-z_.:]+", text)),
    ]
    faults = {
        f"{name}: {found}"
        for path, text in texts
        for found in spelled_british(text)
        if not (name := str(path.relative_to(settings.BASE_DIR))).startswith(NOT_OURS)
    }
    assert faults == set()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "Enrolment is cancelled towards the centre",
            ["Enrolment", "cancelled", "towards", "centre"],
        ),
        ("Prioritise what the neighbours organised", ["Prioritise", "neighbours", "organised"]),
        ("Enrollment canceled; otherwise we promise to raise it and prioritize", []),
    ],
)
def test_british_spelling_is_found(text, found):
    assert spelled_british(text) == found
