"""No page, mail, document, file or fragment shows a sealed text that no label has cleaned.

The code is walked: what reads a sealed column of words, in a module that makes something for a
reader, must give it to `Label.clean` or its like; what a template shows of such a column must come
cleaned from a page builder, or go through `read_by`. Everything else stands below, with why.
"""

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from vault.fields import EncryptedJSONField, EncryptedTextField

ROOT = Path(settings.BASE_DIR)
CLEANS = {"clean", "clean_of", "clean_of_all", "shown_addenda"}
# Sealed, but no words of notes: identities go by the label, keys and papers by their own rules.
NO_WORDS = {
    "name", "former_names", "contact", "hmis_id", "birth_date", "password", "token", "as_was",
    "journal", "said", "former", "changes", "disclosed",
    "answers", "given",  # codes of HUD's lists
    "changed_texts", "row_key", "column_meanings", "word_meanings", "sheet_settings",
}  # fmt: skip
MAKES_SOMETHING = re.compile(
    r"(_pages|/pages|/rows|/prepared|/copies|/documents?|/emails|/mail|_mail|_files?|/file|/rights"
    r"|/disclosures|/follow_through|/views(/\w+)?|/forms(/\w+)?)\.py$"
)

# `module: expression`, and why it needs no cleaning there.
GOES_ON = "handed to a function that cleans it"
FROZEN = "the frozen document as a whole; what is shown of it is cleaned row by row"
OTHER_WORDS = "words of the system's own, not typed by anybody"
COMPARED = "looked at, not shown"
CODE_IS_RIGHT = {
    "conferencing/prework/forms.py: hint.words": OTHER_WORDS,
    "conferencing/follow_through/forms/systemic.py: barrier.strategy": GOES_ON,
    "conferencing/minutes/views.py: refused.words": OTHER_WORDS,
    "participants/views/saved_views.py: refused.words": OTHER_WORDS,
    "participants/merges/forms.py: side.words": "name or alias, by the label",
    "participants/forms/participants.py: self.instance.notes": GOES_ON,
    "conferencing/rotation/mail.py: swap.answer": OTHER_WORDS,
    "conferencing/prep_lists/copies.py: self.prep_list.snapshot": FROZEN,
    "conferencing/prep_lists/copies.py: self.snapshot": FROZEN,
    "conferencing/deliveries/copies.py: ground.why": OTHER_WORDS,
    "conferencing/upkeep/disclosures.py: each.snapshot": FROZEN,
    "conferencing/call/household_pages.py: review.systemic": COMPARED,
    "conferencing/call/household_pages.py: review.barriers": "cleaned as one list, beside it",
    "conferencing/schedule/pages.py: change.why": OTHER_WORDS,
    "conferencing/minutes/copies.py: minutes.snapshot": FROZEN,
    "conferencing/minutes/copies.py: self.snapshot": FROZEN,
    "conferencing/minutes/pages.py: copy.snapshot": FROZEN,
    "conferencing/minutes/pages.py: minutes.snapshot": FROZEN,
    "conferencing/roster/pages.py: entry.added_because": GOES_ON,
    "conferencing/follow_through/systemic_pages.py: each.words": "the order of a list",
    "conferencing/follow_through/systemic_pages.py: line.barrier.words": "the order of a list",
    "conferencing/schedule/year_pages.py: meeting.cancellation_reason": "goes through `read_by`",
    "conferencing/call/guest_pages.py: guest.safety_shown": COMPARED,
    "conferencing/call/household_pages.py: known.words": COMPARED,
    "conferencing/call/referral_pages.py: each.referral": "a row, no words",
    "conferencing/call/views/pages.py: hint.words": OTHER_WORDS,
    "conferencing/call/views/notes.py: hint.words": OTHER_WORDS,
    "conferencing/to_hmis/pages.py: fact.words": COMPARED,
    "conferencing/to_hmis/pages.py: self.line": "a row of the page",
    "conferencing/to_hmis/views.py: acts.answer": "an act",
    "conferencing/to_hmis/views.py: line.standing.why": OTHER_WORDS,
    "participants/documents.py: row.what": OTHER_WORDS,
    "participants/hmis/pages.py: words.line": "the number of a line in a file",
    "participants/hmis/pages.py: row.ids": "ids of HMIS, no words",
    "participants/hmis/pages.py: row.line": "the number of a line in a file",
    "participants/list_files.py: age.words": OTHER_WORDS,
    "participants/spreadsheets/rows.py: target.words": OTHER_WORDS,
    "participants/list_files.py: marks.reason": "typed by the reader, for this very file",
    "participants/services/disclosures.py: entry.why": COMPARED,
    "participants/services/disclosures.py: self.why": OTHER_WORDS,
    "participants/services/disclosures.py: act.what": OTHER_WORDS,
    "participants/services/disclosures.py: audit.actions.words": OTHER_WORDS,
    "participants/merges/pages.py: side.words": "name or alias, by the label",
    "participants/services/pages.py: self.label.ground.why": OTHER_WORDS,
    "participants/services/rights.py: request.disagreement": COMPARED,
    "participants/views/disclosures.py: choice.words": OTHER_WORDS,
}

# Template and expression: what page builders cleaned (tests of each page say so), or what is no
# sealed column at all.
TEMPLATES_ARE_RIGHT = """
    conferencing/call/call_close.html request.POST.no_step_reason
    conferencing/call/call_guests.html line.safety
    conferencing/call/call_household.html former.notes
    conferencing/call/call_known.html former.location_words
    conferencing/call/call_known.html known.words
    components/undo.html offered.words
    conferencing/call/call_agenda.html undo.words
    conferencing/schedule/closed_day_add.html day.words
    conferencing/schedule/closed_day_list.html each.day.words
    conferencing/schedule/closed_day_remove.html found.day.words
    conferencing/prep_lists/list_detail.html state.words
    conferencing/schedule/meeting_detail.html list_state.words
    conferencing/schedule/meeting_list.html row.list_state.words
    agreements/my_place.html agreement.reason
    agreements/my_place.html need.reason
    agreements/statement_detail.html need.reason
    components/chart_plot.html point.words
    components/timeline.html event.what
    housing/policy_detail.html policy.words
    housing/reason_list.html reason.words
    housing/referral_detail.html line.note.reason
    housing/referral_detail.html line.note.what
    housing/referral_detail.html line.words
    housing/referral_table.html row.referral.reason
    conferencing/call/call_guest_part.html words.notes
    conferencing/call/call_people.html line.organization
    conferencing/call/call_opening_check.html line.organization
    conferencing/call/call_present_part.html it.notes
    conferencing/call/call_present_part.html it.safety
    conferencing/call/call_present_part.html step.what
    conferencing/call/call_present_part.html step.words
    conferencing/nothing_to_discuss/nothing_steps.html step.what
    conferencing/minutes/minutes_detail.html each.organization
    participants/import_projects.html project.organization
    participants/returned/returned_detail.html each.cell.line
    conferencing/call/call_notes_form.html values.barriers
    conferencing/call/call_notes_form.html values.exception_reason
    conferencing/call/call_notes_form.html values.learned
    conferencing/call/call_notes_form.html values.no_step_reason
    conferencing/call/call_notes_form.html values.notes
    conferencing/call/call_notes_form.html values.referral
    conferencing/call/call_notes_form.html values.systemic
    conferencing/call/call_notes_form.html values.target_words
    conferencing/call/call_notes_read.html words.notes
    conferencing/call/call_given.html line.what
    conferencing/call/call_steps.html line.what
    conferencing/follow_through/figures_export.html choice.words
    conferencing/follow_through/figures_list.html choice.words
    conferencing/follow_through/follow_through_export.html choice.words
    conferencing/schedule/meeting_detail.html card.words
    conferencing/to_hmis/to_hmis.html filter_form.words
    conferencing/to_hmis/to_hmis.html line.standing.why
    conferencing/to_hmis/to_hmis_keying.html filter_form.words
    conferencing/to_hmis/to_hmis_take.html choice.words
    conferencing/minutes/minutes_added.html each.words
    conferencing/minutes/minutes_household.html each.words
    conferencing/minutes/minutes_household.html it.no_step_reason
    conferencing/minutes/minutes_household.html it.notes
    conferencing/minutes/minutes_household.html step.what
    conferencing/minutes/minutes_household.html each.what
    conferencing/minutes/minutes_household.html each.line
    conferencing/reviews/review_line.html steps.words
    conferencing/minutes/minutes_household.html text.words
    conferencing/reviews/participant_reviews.html row.notes
    conferencing/schedule/plan_table.html row.why
    conferencing/prework/prework_edit.html review.notes
    conferencing/prework/prework_list.html line.review.said.barriers
    conferencing/prework/prework_list.html line.review.said.location_words
    conferencing/reviews/review_line.html entry.barriers
    conferencing/schedule/rule_dates.html year.words
    conferencing/steps/step_form.html form.line
    conferencing/steps/step_change.html row.what
    conferencing/steps/step_form.html row.what
    conferencing/steps/step_lines.html line.what
    conferencing/steps/step_report.html row.what
    conferencing/steps/step_row.html row.what
    participants/ages.html age.words
    participants/disclosure_record.html row.what
    participants/disclosure_record_export.html choice.words
    participants/disclosure_record_export.html shown_as.ground.words
    participants/head.html shown_as.ground.words
    participants/import_lines.html row.ids
    participants/import_lines.html row.line
    participants/participant_detail.html member.words
    participants/rights_request_panel.html each.answer
    participants/rights_request_panel.html each.by_whom
    participants/rights_request_panel.html each.disagreement
    participants/rights_request_panel.html each.words
"""


def sealed_words():
    """The names of all sealed columns that hold words of people."""
    found = set()
    for model in apps.get_models():
        if model._meta.app_label in ("conferencing", "participants", "regions", "agreements"):
            found |= {
                each.name
                for each in model._meta.local_fields
                if isinstance(each, EncryptedTextField | EncryptedJSONField)
            }
    return found - NO_WORDS


def is_cleaning(node):
    if not isinstance(node, ast.Call):
        return False
    return getattr(node.func, "attr", getattr(node.func, "id", "")) in CLEANS


def uncleaned(source, columns):
    """The expressions that read one of the columns without cleaning what they read."""
    tree, cleaned = ast.parse(source), set()
    for node in ast.walk(tree):
        if is_cleaning(node):
            for given in (*node.args, *node.keywords):
                cleaned |= {id(each) for each in ast.walk(given)}
        # [clean(each) for each in review.barriers]
        is_loop = isinstance(node, ast.ListComp | ast.GeneratorExp)
        if is_loop and any(is_cleaning(each) for each in ast.walk(node.elt)):
            for loop in node.generators:
                cleaned |= {id(each) for each in ast.walk(loop.iter)}
    return {
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Load)
        and node.attr in columns
        and id(node) not in cleaned
    }


def shown_uncleaned(source, columns):
    """The expressions by which a template shows one of the columns as it comes."""
    return {
        expression
        for expression, filters in re.findall(r"\{\{\s*([\w.]+)((?:\|[^}]*)?)\s*\}\}", source)
        if "." in expression
        and expression.rsplit(".", 1)[1] in columns
        and "read_by" not in filters
    }


def modules():
    for app in ("conferencing", "participants"):
        for path in sorted((ROOT / app).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if (
                MAKES_SOMETHING.search(f"/{name}")
                and "/tests/" not in name
                and "/models/" not in name
            ):
                yield name, path.read_text(encoding="utf-8")


def templates():
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.suffix in (".html", ".txt"):
            yield path.relative_to(ROOT / "templates").as_posix(), path.read_text(encoding="utf-8")


def right_in_templates():
    return {tuple(each.split()) for each in TEMPLATES_ARE_RIGHT.strip().splitlines()}


def test_every_module_cleans_the_sealed_words_that_it_shows():
    found = {
        f"{name}: {each}"
        for name, source in modules()
        for each in uncleaned(source, sealed_words())
    }
    assert found - CODE_IS_RIGHT.keys() == set()
    assert CODE_IS_RIGHT.keys() - found == set(), "take these out: nothing reads them any more"


def test_every_template_shows_sealed_words_as_page_builders_cleaned_them():
    found = {
        (name, each)
        for name, source in templates()
        for each in shown_uncleaned(source, sealed_words())
    }
    assert found - right_in_templates() == set()
    assert right_in_templates() - found == set(), "take these out: nothing shows them any more"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{'notes': label.clean(review.notes)}", set()),
        ("[clean(each) for each in review.barriers]", set()),
        ("{'notes': review.notes}", {"review.notes"}),
        ("f'Said: {step.what}'", {"step.what"}),
        ("[each for each in review.barriers]", {"review.barriers"}),
        ("label.clean(review.notes) + review.safety", {"review.safety"}),
    ],
)
def test_the_walk_finds_what_is_not_cleaned(source, expected):
    assert uncleaned(source, sealed_words()) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p>{{ review.notes|linebreaks }}</p>", {"review.notes"}),
        ("{{ barrier.words|read_by:request }}", set()),
        ("{{ label.text }} {{ words }}", set()),
    ],
)
def test_the_walk_finds_what_a_template_shows(source, expected):
    assert shown_uncleaned(source, sealed_words()) == expected
