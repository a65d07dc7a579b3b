"""Pages speak as a social worker does to a colleague: turns of phrase that they do without."""

import ast
import re

from django.conf import settings

ROOMS = ("accounts", "agreements", "audit", "conferencing", "outbox", "participants", "regions")
# Found on pages once; beside each stands what the pages say instead.
WITHOUT = {
    "What needs you now": "Your to-do list",
    "became of it": "what happened",
    "became of their list": "status",
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
    "eave empty": "Leave blank",
    "Leave it empty": "Leave it blank",
    "Empty: ": "Leave blank",
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
}
FOUND = re.compile("|".join(rf"(?<![\w-]){re.escape(each)}(?![\w-])" for each in WITHOUT))
UNSEEN = re.compile(r"{% comment %}.*?{% endcomment %}|{#.*?#}|{% for .*?%}", re.S)


def texts_of_templates():
    for path in (settings.BASE_DIR / "templates").rglob("*"):
        if path.suffix in (".html", ".txt"):
            yield path, UNSEEN.sub(" ", path.read_text())


def texts_of_modules():
    """What code says: its strings, without docstrings."""
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
            for node in ast.walk(tree):
                is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
                if is_text and id(node) not in told:
                    yield path, node.value


def test_pages_do_without_the_phrases_that_nobody_says():
    texts = [*texts_of_templates(), *texts_of_modules()]
    faults = {
        f"{path.relative_to(settings.BASE_DIR)}: {found}: {WITHOUT[found]}"
        for path, text in texts
        for found in FOUND.findall(text)
    }
    assert faults == set()
    assert len(texts) > 5000
