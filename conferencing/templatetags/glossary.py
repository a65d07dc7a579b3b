"""The "?" beside a term of the field, once on a page."""

from django import template
from django.forms import BoundField
from django.template import Context
from django.template.loader import render_to_string

from conferencing.glossary.entries import BY_LABEL, Entry, entry_of

register = template.Library()


@register.simple_tag(takes_context=True)
def term(context: Context, name: str) -> str:
    """`{% term "roster" %}`: after a heading, or within a column's head or a `dt`."""
    return question(context, entry_of(name))


@register.simple_tag(takes_context=True)
def term_of_field(context: Context, field: BoundField) -> str:
    """The same beside a field whose label is a term."""
    entry = BY_LABEL.get(str(field.label))
    return question(context, entry) if entry else ""


def question(context: Context, entry: Entry) -> str:
    request = getattr(context, "request", None)
    if request is None or not request.user.is_authenticated:
        return ""  # a mail, or a page for whoever may not open the glossary
    asked: set[str] = request.__dict__.setdefault("terms_asked", set())
    if entry.slug in asked:
        return ""
    asked.add(entry.slug)
    return render_to_string("components/term.html", {"entry": entry})
