"""The role table: who may do what. Asked by `user.has_perm(perm, obj)`.

Each row names a permission, the rule, and the kind of object that it is asked of.
Permissions on single objects that were given by hand (an agency's group on a region, a
person on a meeting) are django-guardian's and stand beside this table.
"""

import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from agreements.models import (
    Agency,
    AgencyAgreement,
    AgreementForm,
    PersonalStatement,
    StaffMember,
)
from agreements.standing import is_in_standing
from conferencing.models import (
    ActionItem,
    Meeting,
    MeetingRole,
    MinutesDelivery,
    PrepListDelivery,
    Review,
    RoleSwap,
    SystemicBarrier,
)
from housing.models import Opening, PrioritizationPolicy, Program, Referral
from participants.models import (
    DuplicatePair,
    HmisImport,
    Merge,
    OutflowCase,
    OutflowRound,
    Participant,
    SavedView,
)
from regions.clock import local_day
from regions.models import Continuum, Membership, Region

# What a permission may be asked of.
ASKED_OF = (
    ActionItem,
    Agency,
    AgencyAgreement,
    AgreementForm,
    Continuum,
    DuplicatePair,
    HmisImport,
    Meeting,
    MeetingRole,
    Membership,
    Merge,
    MinutesDelivery,
    Opening,
    OutflowCase,
    OutflowRound,
    Participant,
    PersonalStatement,
    PrepListDelivery,
    PrioritizationPolicy,
    Program,
    Referral,
    Region,
    Review,
    RoleSwap,
    SavedView,
    StaffMember,
    SystemicBarrier,
)


@dataclass
class Person:
    """A user with what the rules ask about, each looked up once per question."""

    user: User

    @cached_property
    def membership(self) -> Membership | None:
        return Membership.objects.filter(user=self.user).select_related("continuum").first()

    @cached_property
    def place(self) -> StaffMember | None:
        return StaffMember.objects.current().filter(user=self.user).first()

    @cached_property
    def is_in_standing(self) -> bool:
        if self.membership is None:
            return False
        on = local_day(timezone.now(), self.membership.continuum.zone)
        return is_in_standing(self.user, on)

    @property
    def is_specialist(self) -> bool:
        return self.membership is not None and self.membership.is_specialist

    @property
    def is_administrator(self) -> bool:
        return self.membership is not None and self.membership.is_administrator

    def is_of(self, agency_id: uuid.UUID | None) -> bool:
        return bool(self.place and self.place.agency_id == agency_id)

    def leads(self, agency_id: uuid.UUID | None) -> bool:
        return bool(self.place and self.place.agency_id == agency_id and self.place.is_lead)


def continuum_id_of(obj: object) -> uuid.UUID | None:
    """The continuum that an object belongs to; None for what permissions are not asked of."""
    return obj.continuum_id if isinstance(obj, ASKED_OF) else None


def specialist(person: Person, obj: object) -> bool:
    return person.is_specialist


def specialist_in_standing(person: Person, obj: object) -> bool:
    return person.is_specialist and person.is_in_standing


def administrator(person: Person, obj: object) -> bool:
    return person.is_administrator


def administrator_or_specialist(person: Person, obj: object) -> bool:
    return person.is_administrator or person.is_specialist


def in_standing(person: Person, obj: object) -> bool:
    return person.is_in_standing


def exports(person: Person, obj: object) -> bool:
    """Whoever the continuum lets take its list and minutes out as files (Continuum.export_by)."""
    if person.membership is None:
        return False
    by_partners = person.membership.continuum.export_by == Continuum.ExportBy.PARTNERS
    return person.is_in_standing and (by_partners or person.is_specialist)


def keys_into_hmis(person: Person, obj: object) -> bool:
    """Staff of an agency, for its own households; CE Specialists for all."""
    return bool(person.is_in_standing and (person.place or person.is_specialist))


def agency_id_of(obj: object) -> uuid.UUID | None:
    """The agency that a row of the agreements room is, or belongs to; None for others."""
    return obj.pk if isinstance(obj, Agency) else getattr(obj, "agency_id", None)


def sees_standing(person: Person, obj: object) -> bool:
    return administrator_or_specialist(person, obj) or person.is_of(agency_id_of(obj))


def reads_agreement(person: Person, agreement: AgencyAgreement) -> bool:
    return administrator_or_specialist(person, agreement) or person.leads(agreement.agency_id)


def reads_statement(person: Person, statement: PersonalStatement) -> bool:
    return person.is_administrator or statement.user_id == person.user.pk


def manages_people(person: Person, obj: object) -> bool:
    return person.is_administrator or person.leads(agency_id_of(obj))


def leads_agency(person: Person, agency: Agency) -> bool:
    return person.leads(agency.pk)


def names_role_person(person: Person, role: MeetingRole) -> bool:
    return person.is_specialist or person.leads(role.agency_id)


def proposes_swap(person: Person, role: MeetingRole) -> bool:
    """Who is named for the role; the agency's lead while nobody is."""
    if role.person_id is None:
        return person.leads(role.agency_id)
    return bool(person.place and person.place.pk == role.person_id)


def is_asked(person: Person, swap: RoleSwap) -> bool:
    return swap.to.user_id == person.user.pk


def withdraws_swap(person: Person, swap: RoleSwap) -> bool:
    return swap.proposed_by.user_id == person.user.pk or person.leads(swap.proposed_by.agency_id)


def reads_swap(person: Person, swap: RoleSwap) -> bool:
    return person.is_specialist or is_asked(person, swap) or withdraws_swap(person, swap)


def keeps_record(person: Person, participant: Participant) -> bool:
    """Staff of the keeping agency, and CE Specialists; nobody once it is de-identified."""
    if participant.deidentified_at:
        return False
    return person.is_in_standing and (
        person.is_of(participant.agency_id)
        or (person.is_specialist and not participant.is_confidential)
    )


def says_nothing_changed(person: Person, participant: Participant) -> bool:
    """CE Specialists, and staff of the agency that keeps the record: it knows the household."""
    return person.is_in_standing and (person.is_specialist or person.is_of(participant.agency_id))


def moves_on_list(person: Person, participant: Participant) -> bool:
    """A CE Specialist may move any household on the list, also one known by alias alone."""
    if participant.deidentified_at:
        return False
    return keeps_record(person, participant) or specialist_in_standing(person, participant)


def records_stay(person: Person, participant: Participant) -> bool:
    """Whoever meets a household; a victim service provider's, its own staff alone."""
    if participant.deidentified_at:
        return False
    return keeps_record(person, participant) or (
        person.is_in_standing and not participant.is_confidential
    )


def merges_records(person: Person, obj: object) -> bool:
    """CE Specialists and administrators, in standing: of records that they may know of."""
    return administrator_or_specialist(person, obj) and person.is_in_standing


def sees_figures(person: Person, obj: object) -> bool:
    """Numbers alone for an administrator; whoever is in standing sees the list behind them."""
    return person.is_administrator or person.is_in_standing


def looks_for(person: Person, case: OutflowCase) -> bool:
    """The agency that was asked; a CE Specialist, but for a victim service provider's."""
    if not person.is_in_standing:
        return False
    if case.agency_id and person.is_of(case.agency_id):
        return True
    return person.is_specialist and not case.participant.is_confidential


def serves_victims(person: Person, obj: object) -> bool:
    """Staff of a victim service provider, for its own list."""
    return bool(
        person.is_in_standing and person.place and person.place.agency.is_victim_service_provider
    )


def keeps_view(person: Person, view: SavedView) -> bool:
    """Whose view it is; of a shared one, CE Specialists too, who keep the row of links short."""
    if not person.is_in_standing:
        return False
    return view.owner_id == person.user.pk or (view.is_shared and person.is_specialist)


def shares_views(person: Person, obj: object) -> bool:
    """CE Specialists and agency leads: what they share stands above everybody's list."""
    if not person.is_in_standing:
        return False
    return person.is_specialist or bool(person.place and person.place.is_lead)


def speaks_for_program(person: Person, obj: Program | Opening) -> bool:
    """Staff of the agency whose program it is, and CE Specialists."""
    program = obj if isinstance(obj, Program) else obj.program
    return person.is_in_standing and (person.is_specialist or person.is_of(program.agency_id))


def refers(person: Person, participant: Participant) -> bool:
    """Staff of agencies, CE Specialists; of a victim service provider's household its own."""
    if not person.is_in_standing or participant.deidentified_at:
        return False
    if participant.is_confidential:
        return person.is_of(participant.agency_id)
    return person.is_specialist or person.place is not None


def answers_for_household(person: Person, referral: Referral) -> bool:
    """Who keeps the record, navigates or follows up, and CE Specialists.

    Of a victim service provider's household its own staff alone.
    """
    participant = referral.participant
    if not person.is_in_standing or participant.deidentified_at:
        return False
    if person.is_of(participant.agency_id):
        return True
    if participant.is_confidential:
        return False
    mine = person.place.pk if person.place else None
    return person.is_specialist or (
        mine is not None and mine in (participant.navigator_id, referral.follow_up_person_id)
    )


def answers_for_program(person: Person, referral: Referral) -> bool:
    return speaks_for_program(person, referral.opening)


def works_in_agency(person: Person, obj: object) -> bool:
    return bool(person.is_in_standing and person.place)


def invites_guests(person: Person, obj: object) -> bool:
    """CE Specialists; a victim service provider's staff, for reviews of its own households."""
    if not person.is_in_standing:
        return False
    return person.is_specialist or bool(
        person.place and person.place.agency.is_victim_service_provider
    )


def is_recipient(person: Person, delivery: PrepListDelivery | MinutesDelivery) -> bool:
    return person.is_in_standing and delivery.recipient_id == person.user.pk


def reports_step(person: Person, step: ActionItem) -> bool:
    """The step's agency, and CE Specialists.

    Of a victim service provider's participant, the provider and the step's agency alone.
    """
    if not person.is_in_standing:
        return False
    if step.participant.is_confidential:
        return person.is_of(step.agency_id) or person.is_of(step.participant.agency_id)
    return person.is_of(step.agency_id) or person.is_specialist


def changes_step(person: Person, step: ActionItem) -> bool:
    """Who hands a step on, or gives it another date: CE Specialists, and its agency's leads.

    Of a victim service provider's household its own lead, too, and no CE Specialist.
    """
    if not person.is_in_standing:
        return False
    if person.leads(step.agency_id):
        return True
    if step.participant.is_confidential:
        return person.leads(step.participant.agency_id)
    return person.is_specialist


def leads_call(person: Person, meeting: Meeting) -> bool:
    """Who facilitates the call or takes its notes."""
    return bool(person.place) and meeting.roles.filter(person=person.place).exists()


def adds_addendum(person: Person, obj: Review | Meeting) -> bool:
    """Facilitator, note taker and CE Specialist anywhere; who keeps the record, to its review."""
    if not person.is_in_standing:
        return False
    if isinstance(obj, Review):
        return person.is_of(obj.participant.agency_id) or adds_addendum(person, obj.meeting)
    return person.is_specialist or leads_call(person, obj)


Rule = Callable[[Person, Any], bool]  # Any: the kind of object that its permission is about

RULES: dict[str, Rule] = {
    # set-up
    "regions.plan_calls": specialist,
    "regions.choose_who_sees_names": administrator,
    "regions.set_hmis_users": administrator_or_specialist,
    "audit.view_entries": administrator,
    # agencies, agreements, people
    "agreements.manage_agencies": administrator,
    "agreements.manage_people": manages_people,
    "agreements.sign_agreement": leads_agency,
    "agreements.countersign_agreement": administrator,
    "agreements.view_standing": sees_standing,
    "agreements.read_agreement": reads_agreement,
    "agreements.read_statement": reads_statement,
    "agreements.revoke_statement": administrator,
    "agreements.manage_texts": administrator,
    "agreements.appoint_lead": administrator,
    "agreements.move_person": administrator,
    "agreements.restart_access": administrator,
    "agreements.manage_team": administrator,
    # participants
    "participants.add_participant": in_standing,
    "participants.change_participant": keeps_record,
    "participants.change_place": moves_on_list,
    "participants.record_release": keeps_record,
    "participants.view_disclosures": keeps_record,
    "participants.answer_request": keeps_record,
    "participants.deidentify_participants": administrator,
    "participants.merge_participants": merges_records,
    "participants.record_stay": records_stay,
    "participants.replace_sheet": serves_victims,
    "participants.run_outflow": specialist_in_standing,
    "participants.see_outflow": in_standing,
    "participants.record_attempt": looks_for,
    "participants.watch_freshness": specialist_in_standing,
    "participants.view_figures": sees_figures,
    "participants.keep_view": keeps_view,
    "participants.share_view": shares_views,
    "participants.export_list": exports,
    "participants.import_hmis": specialist_in_standing,
    "participants.refer_household": refers,
    # housing
    "housing.change_program": speaks_for_program,
    "housing.enter_opening": speaks_for_program,
    "housing.change_policy": specialist_in_standing,
    "housing.answer_for_household": answers_for_household,
    "housing.answer_for_program": answers_for_program,
    "housing.rule_on_referral": specialist_in_standing,
    # meetings
    "conferencing.plan_meeting": specialist,
    "conferencing.change_meetingrole": names_role_person,
    "conferencing.propose_swap": proposes_swap,
    "conferencing.read_swap": reads_swap,
    "conferencing.answer_swap": is_asked,
    "conferencing.withdraw_swap": withdraws_swap,
    "conferencing.settle_roster": specialist_in_standing,
    "conferencing.nominate_participant": in_standing,
    "conferencing.prepare_call": works_in_agency,
    "conferencing.mark_nothing_to_discuss": says_nothing_changed,
    "conferencing.pull_back": in_standing,
    "conferencing.invite_guest": invites_guests,
    "conferencing.send_list": specialist_in_standing,
    "conferencing.reveal_password": is_recipient,
    "conferencing.read_password_to_recipient": specialist_in_standing,
    # steps
    "conferencing.report_step": reports_step,
    "conferencing.change_step": changes_step,
    # after the call
    "conferencing.read_minutes": in_standing,
    "conferencing.export_minutes": exports,
    "conferencing.see_minutes_deliveries": specialist_in_standing,
    "conferencing.reveal_minutes_password": is_recipient,
    "conferencing.send_minutes": specialist_in_standing,
    "conferencing.add_addendum": adds_addendum,
    "conferencing.take_to_hmis": exports,
    "conferencing.key_into_hmis": keys_into_hmis,
    # follow-through
    "conferencing.watch_follow_through": specialist_in_standing,
    "conferencing.view_systemicbarrier": in_standing,
    "conferencing.change_systemicbarrier": specialist_in_standing,
}


def allows(person: Person, perm: str, obj: Model | None) -> bool:
    """Whether the row of the table lets `person` do it to an object of their own continuum."""
    rule = RULES.get(perm)
    if rule is None or person.membership is None:
        return False
    if continuum_id_of(obj) != person.membership.continuum_id:
        return False
    return rule(person, obj)


def permitted(user: User | AnonymousUser, perm: str, rows: Collection[Model]) -> set[uuid.UUID]:
    """The keys of those of `rows` to which the user may do it, in constant queries."""
    return permitted_each(user, [perm], rows)[perm]


def permitted_each(
    user: User | AnonymousUser, perms: Sequence[str], rows: Collection[Model]
) -> dict[str, set[uuid.UUID]]:
    """`{perm: keys}` of those of `rows` to which the user may do each, in constant queries."""
    if not user.is_active or user.is_anonymous:
        return {perm: set() for perm in perms}
    person = Person(user)
    return {perm: {row.pk for row in rows if allows(person, perm, row)} for perm in perms}


class RoleBackend:
    """Authorisation only; signs nobody in."""

    def authenticate(self, request: HttpRequest | None, **credentials: object) -> None:
        return None

    def has_perm(self, user: User | AnonymousUser, perm: str, obj: Model | None = None) -> bool:
        """Whether `user` holds `perm` on `obj`; without an object, in their own continuum."""
        if perm not in RULES or not user.is_active or user.is_anonymous:
            return False
        person = Person(user)
        if obj is None and person.membership:
            obj = person.membership.continuum
        return allows(person, perm, obj)
