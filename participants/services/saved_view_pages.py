"""The row of saved views above the by-name list."""

from collections.abc import Callable
from dataclasses import dataclass

from accounts.models import User
from participants.listing import Choice
from participants.models import SavedView


@dataclass(frozen=True)
class Link:
    view: SavedView
    name: str
    is_own: bool
    is_current: bool


def saved_views_page(viewer: User, choice: Choice, read: Callable[[str], str]) -> dict[str, object]:
    """The views that the viewer may open, which of them is open, and whether it was changed.

    `choice`: the page's forms.listing.ListForm; `read`: gives a text as the viewer may read it.
    """
    current = choice.value("view")
    views = SavedView.objects.visible_to(viewer).select_related("owner")
    links = [
        Link(each, read(each.name), each.owner_id == viewer.pk, each.pk == current)
        for each in views
    ]
    # One's own first, each by name as it is shown: the place would tell what is withheld.
    links.sort(key=lambda link: (not link.is_own, link.name.casefold()))
    view = next((link.view for link in links if link.is_current), None)
    return {
        "views": links,
        "view": view,
        "view_differs": view is not None and view.query != choice.query(),
        "may_keep_view": view is not None and viewer.has_perm("participants.keep_view", view),
    }
