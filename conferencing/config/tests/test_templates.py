"""The frame, the parts, and what holds for every template."""

import re

import pytest
from django import forms
from django.conf import settings
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory

TEMPLATES = sorted(settings.BASE_DIR.glob("templates/**/*.html"))
MAILS = settings.BASE_DIR / "templates" / "emails"


class CallForm(forms.Form):
    name = forms.CharField(help_text="As it stands in calendars.")
    note = forms.CharField(required=False)
    kind = forms.ChoiceField(
        choices=[("r", "Regional"), ("c", "CoC-wide")], widget=forms.RadioSelect
    )
    told = forms.BooleanField(required=False)

    def clean(self):
        raise forms.ValidationError("The call clashes with a holiday.")


def ids_in(page):
    return set(re.findall(r'\sid="([^"]+)"', page))


def test_templates_hold_no_inline_style_or_script():
    """The content security policy would refuse them; only a mail styles itself, in its head."""
    inline = re.compile(
        r"<script(?![^>]*\ssrc=)|\sstyle=|\son[a-z]+=|javascript:|hx-on", re.IGNORECASE
    )
    assert len(TEMPLATES) > 60
    assert [path.name for path in TEMPLATES if inline.search(path.read_text())] == []
    with_style = [path for path in TEMPLATES if "<style" in path.read_text()]
    assert with_style == [MAILS / "base.html"]


def test_templates_take_no_text_for_markup():
    """A name, a hint, a label may hold what somebody typed: what is markup says so by its type."""
    taken = re.compile(r"\|\s*safe|autoescape off")
    found = [path.name for path in TEMPLATES if taken.search(path.read_text())]
    assert found == []


def test_templates_of_components_say_what_they_take():
    parts = sorted((settings.BASE_DIR / "templates" / "components").glob("*.html"))
    assert len(parts) > 20
    assert [part.name for part in parts if not part.read_text().startswith("{% comment %}")] == []


def test_vendored_files_are_all_listed_with_their_licence():
    vendor = settings.BASE_DIR / "static" / "vendor"
    listed = (vendor / "README.md").read_text()
    folders = [folder for folder in vendor.iterdir() if folder.is_dir()]
    assert len(folders) > 3
    for folder in folders:
        assert re.search(rf"^\| `{folder.name}/", listed, re.MULTILINE), folder.name
        assert (folder / "LICENSE").exists() or (folder / "OFL.txt").exists(), folder.name


def test_styles_name_only_files_that_are_there():
    css = settings.BASE_DIR / "static" / "css"
    named = [
        (sheet, match[1])
        for sheet in css.glob("*.css")
        for match in re.finditer(r'url\("([^"]+)"\)', sheet.read_text())
    ]
    assert len(named) > 5
    assert [pair for pair in named if not (pair[0].parent / pair[1]).exists()] == []


# The plain one of its kind has no rule of its own.
PLAIN = {"cc-notice--info"}
CLASS = re.compile(r"(?<![\w-])cc-[a-z][\w-]*")


def test_every_class_of_ours_has_a_rule_and_every_rule_a_place():
    """A class without a rule is misspelled or forgotten; a rule without a place is left over."""
    css = "".join(each.read_text() for each in (settings.BASE_DIR / "static/css").glob("*.css"))
    ruled = set(re.findall(r"\.(cc-[a-z][\w-]*)", css))
    pages = [each.read_text() for each in TEMPLATES]
    in_pages = {
        one
        for page in pages
        for classes in re.findall(r'class="((?:{%.*?%}|{{.*?}}|[^"])*)"', page)
        for one in CLASS.findall(classes)
    }
    scripts = (settings.BASE_DIR / "static/js").rglob("*.js")
    modules = [
        each
        for room in ("accounts", "agreements", "conferencing", "housing", "participants", "regions")
        for each in (settings.BASE_DIR / room).rglob("*.py")
        if "tests" not in each.parts
    ]
    elsewhere = {
        one for each in (*scripts, *modules) for one in CLASS.findall(each.read_text())
    } | {one for page in pages for one in CLASS.findall(page)}
    # What is put together on the page begins as these do: cc-tag--{{ tone }}.
    begun = tuple(one for one in elsewhere if one.endswith("--"))
    assert len(ruled) > 250
    assert in_pages - ruled - PLAIN - set(begun) == set()
    assert {one for one in ruled - elsewhere if not one.startswith(begun)} == set()


@pytest.mark.parametrize("name", ["400.html", "403_csrf.html", "500.html", "404.html", "403.html"])
def test_error_pages_stand_without_any_context(name):
    page = render_to_string(name)
    assert page.count("<h1>") == 1
    assert 'href="/"' in page


def test_form_errors_are_summed_up_with_links_to_the_fields():
    form = CallForm({"name": "", "note": "kept"})
    page = render_to_string("components/form.html", {"form": form, "submit": "Save"})
    assert page.count("data-error-summary") == 1
    assert "The call clashes with a holiday." in page
    links = set(re.findall(r'href="#([^"]+)"', page))
    assert links == {"id_name", "id_kind_0"}
    assert links <= ids_in(page)
    assert 'value="kept"' in page


def test_form_fields_are_described_by_what_is_on_the_page():
    form = CallForm({"name": ""})
    page = render_to_string("components/form.html", {"form": form, "submit": "Save"})
    described = {
        one for ids in re.findall(r'aria-describedby="([^"]+)"', page) for one in ids.split()
    }
    assert described == {"id_name_helptext", "id_name_error", "id_kind_error"}
    assert described <= ids_in(page)
    assert page.count("(optional)") == 1


def test_crispy_forms_look_like_ours_and_sum_up_errors_once():
    source = "{% load crispy_forms_tags %}{{ form|crispy }}"
    page = engines["django"].from_string(source).render({"form": CallForm({"name": ""})})
    assert page.count("data-error-summary") == 1
    assert page.count('class="cc-field') == 4


def test_form_without_errors_has_no_summary():
    page = render_to_string("components/form.html", {"form": CallForm(), "submit": "Save"})
    assert "data-error-summary" not in page


def test_sort_header_and_pagination_keep_the_filters_of_the_address():
    request = RequestFactory().get("/participants/?region=2&page=3&sort=days")
    source = '{% include "components/sort_header.html" with label="Days" key="days" %}'
    page = engines["django"].from_string(source).render({"sort": "days"}, request)
    assert 'href="?region=2&amp;sort=-days"' in page
    assert 'aria-sort="ascending"' in page


def test_text_in_parts_is_escaped():
    nasty = '<b onclick="x()">Ann</b>'
    row = {"key": "Name", "value": nasty}
    for name, context in (
        ("page_header", {"title": nasty}),
        ("tag", {"text": nasty}),
        ("notice", {"text": nasty}),
        ("summary_list", {"rows": [row]}),
        ("copy", {"text": nasty, "target": "t"}),
    ):
        page = render_to_string(f"components/{name}.html", context)
        assert "<b onclick" not in page, name
        assert "&lt;b onclick" in page, name
