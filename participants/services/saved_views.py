"""Views of the by-name list that people keep: saved, changed, shared, removed."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypedDict

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

import audit.actions
import audit.services
from accounts.models import User
from participants import retention
from participants.listing import Query
from participants.models import SavedView
from participants.own_words import note_edited, note_typed
from participants.redaction import without_name
from participants.texts import Reader, reader
from regions.models import Continuum

ADDED = audit.actions.register("saved_view.added", "Saved a view of the by-name list")
CHANGED = audit.actions.register("saved_view.changed", "Changed a view of the by-name list")
REMOVED = audit.actions.register("saved_view.removed", "Removed a view of the by-name list")

KIND = "saved-view"
MOST_OF_ONE = 30
TAKEN = "You have a view of this name. Choose another name."


class KeptView(TypedDict):
    """A view that was removed."""

    id: str
    owner: str
    name: str
    is_shared: bool
    query: Query
    made_at: str


@transaction.atomic
def add_saved_view(
    continuum: Continuum,
    *,
    name: str,
    query: Query,
    is_shared: bool = False,
    actor: User,
    now: datetime,
) -> SavedView:
    """Keep a query of the list under a name; the same once more is the one that is there.

    Raises ValidationError for a name that the person gave to another view, and beyond 30 views.
    """
    own = views_of(actor, continuum, reader(actor, now))
    if name in own:
        return same_or_refused(own[name], query, is_shared)
    if len(own) >= MOST_OF_ONE:
        raise ValidationError(f"You have {MOST_OF_ONE} views. Remove one that you no longer use.")
    view = SavedView(
        continuum=continuum,
        owner=actor,
        name=name,
        is_shared=is_shared,
        query=query,
        made_at=now,
        changed_at=now,
    )
    view.full_clean()
    note_typed(view, "name", actor=actor)
    view.save(force_insert=True)
    _record(ADDED, view, actor=actor, now=now)
    return view


def views_of(owner: User, continuum: Continuum, read: Reader) -> dict[str, SavedView]:
    """`{name: view}` of a person's own, until the end of the transaction theirs alone to add to.

    Names as `read` reads them: who types a name that somebody else gave one of these views, and
    that they may not read, does not see that it is taken.

    Names are sealed: no constraint of the database can hold them apart, so this one waits for the
    same form, sent a moment ago, that is still being saved.
    """
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)
    own = SavedView.objects.filter(continuum=continuum, owner=owner)
    return {read.clean(each.name): each for each in own}


def same_or_refused(former: SavedView, query: Query, is_shared: bool) -> SavedView:
    if (former.query, former.is_shared) != (query, is_shared):
        raise ValidationError({"name": TAKEN})
    return former


@transaction.atomic
def change_saved_view(
    view: SavedView,
    *,
    name: str,
    is_shared: bool | None = None,
    query: Query | None = None,
    actor: User,
    now: datetime,
) -> SavedView:
    """Rename a view; share it or no longer (None: as it is); let it hold another query.

    Raises ValidationError when its owner has another view of that name.
    """
    taken = views_of(view.owner, view.continuum, reader(actor, now)).get(name)
    if taken is not None and taken.pk != view.pk:
        raise ValidationError({"name": TAKEN})
    view = SavedView.objects.select_for_update().get(pk=view.pk)
    view.name = name
    view.is_shared = view.is_shared if is_shared is None else is_shared
    view.query = view.query if query is None else query
    view.changed_at = now
    view.full_clean()
    note_edited(view, "name", actor=actor, values={"name": name})
    view.save()
    _record(CHANGED, view, actor=actor, now=now)
    return view


@transaction.atomic
def remove_saved_view(view: SavedView, *, actor: User, now: datetime) -> None:
    """Remove a view; nothing happens when it is gone already."""
    found = SavedView.objects.select_for_update().filter(pk=view.pk).first()
    if found is None:
        return
    _record(REMOVED, found, actor=actor, now=now)
    found.delete()


def kept_of(view: SavedView) -> KeptView:
    """What it takes to undo a view's removal, as plain data; its name only in the sealed offer."""
    return {
        "id": str(view.pk),
        "owner": str(view.owner_id),
        "name": view.name,
        "is_shared": view.is_shared,
        "query": view.query,
        "made_at": view.made_at.isoformat(),
    }


@transaction.atomic
def undo_removal(data: KeptView, *, actor: User, now: datetime) -> None:
    """Put back a removed view; refused when its owner has another of its name by now."""
    membership = getattr(actor, "membership", None)
    if membership is None:
        raise PermissionDenied
    owner = User.objects.filter(
        pk=data["owner"], membership__continuum=membership.continuum_id
    ).first()
    if owner is None:
        raise PermissionDenied
    is_own = owner.pk == actor.pk
    shares = data["is_shared"] and (not is_own or actor.has_perm("participants.share_view"))
    view = SavedView(
        pk=data["id"],
        continuum_id=membership.continuum_id,
        owner=owner,
        name=data["name"],
        is_shared=shares,
        query=data["query"],
        made_at=datetime.fromisoformat(data["made_at"]),
        changed_at=now,
    )
    if not actor.has_perm("participants.keep_view", view):
        raise PermissionDenied
    if data["name"] in views_of(owner, membership.continuum, reader(actor, now)):
        raise ValidationError(TAKEN)
    view.full_clean()
    view.save(force_insert=True)
    _record(ADDED, view, actor=actor, now=now)


def _record(action: str, view: SavedView, *, actor: User, now: datetime) -> None:
    audit.services.record(
        action,
        actor=actor,
        about=view,
        detail={"is_shared": view.is_shared, "owner": str(view.owner_id)},
        now=now,
    )


def deidentify_view_names(continuum: Continuum, removals: Iterable[retention.Removal]) -> None:
    """A view's name should name nobody; where one does, the name goes with the record."""
    names = [(each.name, each.former_alias, each.alias) for each in removals if each.name]
    for view in SavedView.objects.filter(continuum=continuum):
        said = view.name
        for name, former, alias in names:
            said = without_name(said, name, alias).replace(former, alias)
        if said != view.name:
            view.name = said[:60]
            others = SavedView.objects.filter(owner=view.owner_id).exclude(pk=view.pk)
            if view.name in {each.name for each in others}:
                view.name = f"View {str(view.pk)[:8]}"
            view.save(update_fields=["name"])


retention.register_step(deidentify_view_names)
