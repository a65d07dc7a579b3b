"""An agency's people: invite, change, move, end; and what each chooses for themselves."""

import re
from collections.abc import Callable, Collection
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import end_other_sessions, invite, revoke_invitation
from accounts.sessions import Ending
from audit import actions
from audit.models import JSON
from audit.services import record
from regions.clock import local_day
from regions.models import Continuum, Membership, Region

from .. import leaving
from ..emails import tell_handed_on, tell_place
from ..leaving import Answers
from ..models import Agency, StaffMember
from .agencies import refuse_stale

INVITED = actions.register("person.invited", "Added a person to an agency")
REINVITED = actions.register("person.reinvited", "Invited a person again")
CHANGED = actions.register("person.changed", "Changed a person’s role")
CHOSE = actions.register("person.chose_regions", "Chose regions to follow and the list")
ENDED = actions.register("person.ended", "Removed a person’s access")
MOVED = actions.register("person.moved", "Moved a person to another agency")
OWN_PLACE = (
    "You can’t add yourself to an agency or change your own role. Ask another administrator, or "
    "another lead of the agency. You choose which regions you follow under “My role”."
)
NOT_HERE = (
    "This address can’t be invited here. Ask the person for another one; with most mail systems "
    "{tagged} reaches the same mailbox."
)


def tagged(email: str, continuum: Continuum) -> str:
    """The address with the continuum's code as its tag, for a second account at one mailbox."""
    local, _, domain = email.partition("@")
    return f"{local.partition('+')[0]}+{re.sub(r'[^a-z0-9]', '', continuum.code.lower())}@{domain}"


def _record(
    action: str, place: StaffMember, *, actor: User, now: datetime | None = None, **detail: JSON
) -> None:
    record(
        action,
        actor=actor,
        about=place.user,
        continuum_id=place.agency.continuum_id,
        detail={"person": place.user.name, "agency": place.agency.name, **detail},
        now=now,
    )


def is_own(actor: User | None, email: str) -> bool:
    """Whether somebody is about to give access to themselves."""
    return actor is not None and actor.email == email.strip().lower()


def account_for(continuum: Continuum, *, email: str, name: str) -> User:
    """Return the account with this address in this continuum, locked; made or opened if need be.

    Raises ValidationError on `email` when the address belongs to somebody elsewhere, and does
    not say where.
    """
    email = email.strip().lower()
    user = User.objects.select_for_update().filter(email=email).first()
    if user is None:
        try:
            with transaction.atomic():
                user = User.objects.create_user(email, name=name.strip())
        except IntegrityError:
            raise ValidationError(
                {"email": "Somebody else invites this address at this moment. Try again."}
            ) from None
        Membership.objects.create(user=user, continuum=continuum)
        return user
    if not Membership.objects.filter(user=user, continuum=continuum).exists():
        raise ValidationError({"email": NOT_HERE.format(tagged=tagged(email, continuum))})
    if not user.is_active:
        user.is_active = True
        user.save()
    return user


@transaction.atomic
def invite_person(
    agency: Agency,
    *,
    actor: User,
    email: str,
    name: str,
    function: str,
    is_lead: bool,
    gets_list: bool,
    regions: Collection[Region],
    now: datetime | None = None,
) -> StaffMember:
    """Give somebody a place in the agency and let them in by mail; return the `StaffMember`.

    Somebody of this continuum whose former place ended comes back with their account; their
    own name stays. Raises ValidationError.
    """
    now = now or timezone.now()
    agency = Agency.objects.select_for_update().select_related("continuum").get(pk=agency.pk)
    continuum = agency.continuum
    if not agency.is_active:
        raise ValidationError(f"{agency.name} no longer takes part; make it active first.")
    if is_lead and not actor.has_perm("agreements.appoint_lead", agency):
        raise ValidationError({"is_lead": "Only an administrator makes somebody agency lead."})
    if is_own(actor, email):
        raise ValidationError({"email": OWN_PLACE})
    user = account_for(continuum, email=email, name=name)
    refuse_second_place(user, agency)
    place = StaffMember(
        user=user,
        agency=agency,
        function=function,
        is_lead=is_lead,
        gets_list=gets_list,
        joined_on=local_day(now, continuum.zone),
    )
    _settle(place, regions)
    let_in(
        user,
        continuum,
        actor=actor,
        on_behalf_of=f"{agency.name}, {continuum.name}",
        or_else=lambda: tell_place(place, actor=actor, now=now),
        now=now,
    )
    _record(INVITED, place, actor=actor, now=now, function=function, is_lead=is_lead)
    return place


def refuse_second_place(user: User, agency: Agency) -> None:
    place = user.places.filter(ended_on__isnull=True).select_related("agency").first()
    if place is None:
        return
    if place.agency_id == agency.pk:
        raise ValidationError({"email": f"{user.name} is already with {agency.name}."})
    raise ValidationError(
        {
            "email": "This person is with another agency of this continuum. An administrator "
            "can move them."
        }
    )


def let_in(
    user: User,
    continuum: Continuum,
    *,
    actor: User | None,
    on_behalf_of: str,
    or_else: Callable[[], object],
    now: datetime,
) -> None:
    """Mail an invitation; to somebody who can sign in already, what `or_else` says instead."""
    if user.has_usable_password():
        or_else()
    else:
        invite(
            user,
            actor=actor,
            on_behalf_of=on_behalf_of,
            continuum_id=continuum.pk,
            now=now,
        )


@transaction.atomic
def reinvite_person(place: StaffMember, *, actor: User, now: datetime | None = None) -> StaffMember:
    """Mail a new invitation; the earlier link no longer works. ValidationError once accepted."""
    place = _lock(place)
    invite(
        place.user,
        actor=actor,
        on_behalf_of=f"{place.agency.name}, {place.agency.continuum.name}",
        continuum_id=place.agency.continuum_id,
        now=now,
    )
    _record(REINVITED, place, actor=actor, now=now)
    return place


@transaction.atomic
def change_place(
    place: StaffMember,
    *,
    actor: User,
    revision: int,
    function: str,
    is_lead: bool,
    gets_list: bool,
    regions: Collection[Region],
    now: datetime | None = None,
) -> StaffMember:
    """Change function, lead, regions followed and whether they get the list."""
    place = _lock(place)
    refuse_own(place, actor)
    refuse_stale(place, revision)
    if is_lead != place.is_lead and not actor.has_perm("agreements.appoint_lead", place.agency):
        raise ValidationError({"is_lead": "Only an administrator changes who is agency lead."})
    place.function, place.is_lead, place.gets_list = function, is_lead, gets_list
    place.revision += 1
    _settle(place, regions)
    _record(CHANGED, place, actor=actor, now=now, function=function, is_lead=is_lead)
    return place


@transaction.atomic
def choose_regions(
    place: StaffMember,
    *,
    revision: int,
    gets_list: bool,
    regions: Collection[Region],
    now: datetime | None = None,
) -> StaffMember:
    """The person's own choice: which regions they follow, and whether they get the list."""
    place = _lock(place)
    refuse_stale(place, revision)
    place.gets_list = gets_list
    place.revision += 1
    _settle(place, regions)
    _record(
        CHOSE,
        place,
        actor=place.user,
        now=now,
        regions=[region.name for region in regions],
        gets_list=gets_list,
    )
    return place


@transaction.atomic
def end_place(
    place: StaffMember,
    *,
    actor: User,
    ended_on: date,
    answers: Answers | None = None,
    now: datetime | None = None,
) -> StaffMember:
    """Remove somebody's access by their place: at once they lose standing and are signed out.

    `ended_on` is their last day, today or earlier; `answers` says what becomes of what they have
    open (see `leaving.settle`). An account without another role is closed; what the person wrote
    and signed stays. Raises ValidationError.
    """
    now = now or timezone.now()
    place = _lock(place)
    if place.user_id == actor.pk:
        raise ValidationError("You can’t remove your own access. Ask an administrator to do it.")
    today = local_day(now, place.agency.continuum.zone)
    if ended_on > today:
        raise ValidationError({"ended_on": "Give the last day, today or earlier: access ends now."})
    if ended_on < place.joined_on:
        raise ValidationError({"ended_on": "The last day must not be before the first."})
    told = leaving.settle(place, answers or {}, actor=actor, now=now)
    place.ended_on = ended_on
    place.revision += 1
    place.full_clean()
    place.save()
    tell_handed_on(place, told, actor=actor, now=now)
    close_if_unused(place.user, actor=actor, now=now)
    _record(ENDED, place, actor=actor, now=now, ended_on=ended_on.isoformat())
    return place


def close_if_unused(user: User, *, actor: User | None, now: datetime) -> None:
    """Sign the person out; close the account of somebody who has no place and no role left."""
    for invitation in user.invitations.filter(accepted_at=None, revoked_at=None):
        revoke_invitation(invitation, actor=actor, now=now)
    end_other_sessions(user, keep=None, actor=actor, ending=Ending.CLOSED)
    membership = Membership.objects.get(user=user)
    has_place = user.places.filter(ended_on__isnull=True).exists()
    if not (has_place or membership.is_specialist or membership.is_administrator):
        user.is_active = False
        user.save()


@transaction.atomic
def move_person(
    place: StaffMember,
    *,
    actor: User,
    agency: Agency,
    function: str,
    answers: Answers | None = None,
    now: datetime | None = None,
) -> StaffMember:
    """End the place and give a new one in `agency`, following that agency's regions, on one day.

    What they have open stays with the former agency, as `answers` says (see `leaving.settle`).
    The account and the person's own confidentiality statement go with them; being lead does not.
    """
    now = now or timezone.now()
    place = _lock(place)
    refuse_own(place, actor)
    continuum = place.agency.continuum
    if agency.continuum_id != continuum.pk or agency.pk == place.agency_id:
        raise ValidationError({"agency": "Choose another agency of this continuum."})
    if not agency.is_active:
        raise ValidationError({"agency": f"{agency.name} no longer takes part."})
    today = local_day(now, continuum.zone)
    told = leaving.settle(place, answers or {}, actor=actor, now=now)
    place.ended_on = max(today, place.joined_on)
    place.revision += 1
    place.full_clean()
    place.save()
    moved = StaffMember(
        user=place.user,
        agency=agency,
        function=function,
        gets_list=place.gets_list,
        joined_on=today,
    )
    _settle(moved, agency.regions())
    tell_place(moved, actor=actor, now=now)
    tell_handed_on(place, told, actor=actor, now=now)
    _record(MOVED, moved, actor=actor, now=now, former=place.agency.name)
    return moved


def refuse_own(place: StaffMember, actor: User) -> None:
    if place.user_id == actor.pk:
        raise ValidationError(OWN_PLACE)


def _settle(place: StaffMember, regions: Collection[Region]) -> None:
    if any(region.continuum_id != place.agency.continuum_id for region in regions):
        raise ValidationError({"regions": "Choose regions of this continuum."})
    place.full_clean()
    place.save()
    place.regions.set(regions)


def _lock(place: StaffMember) -> StaffMember:
    found = (
        StaffMember.objects.select_for_update(of=("self",))
        .select_related("user", "agency__continuum")
        .get(pk=place.pk)
    )
    if found.ended_on:
        raise ValidationError(
            f"{found.user.name} no longer has access through {found.agency.name}."
        )
    return found
