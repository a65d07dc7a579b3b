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
