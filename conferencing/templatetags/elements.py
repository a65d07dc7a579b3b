from django import template

from conferencing.elements import ELEMENTS, Sight

register = template.Library()


@register.simple_tag
def always_seen() -> str:
    """The elements that a participant sees of their own review at every call, in one line."""
    return ", ".join(each.on_paper.lower() for each in ELEMENTS if each.sight is Sight.ALWAYS)
