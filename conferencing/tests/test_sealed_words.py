"""What people type is sealed where it is stored, in its history too, and was carried over so."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import InternalError, connection, models, transaction
from django.utils import timezone

from agreements.models import AgencyAgreement
from agreements.tests.factories import revoke
from conferencing.models import Attendance, CallGuest, Meeting
from conferencing.tests.factories import make_attendance, make_guest, make_meeting
from participants.models import SavedView
from participants.tests.factories import make_participant
from vault.blind import BlindIndexField
from vault.encrypted import EncryptedField

pytestmark = pytest.mark.django_db

# Columns of text that are plain, each with why no words about participants stand in it. What is not
# here must be sealed: a new column of text fails until somebody has decided.
CODE = "written by the program, from words of its own"
HASH = "a hash or token"
STAFF = "names, addresses and titles of staff and agencies"
PLACE = "what the continuum calls its places, for all to read"
TEXT = "a text of the continuum for everybody, published or printed"
PLAIN = {
    "accounts.HeldForm.path": "an address of ours, which holds identifiers; its query is sealed",
    "accounts.UndoOffer.kind": CODE,
    "accounts.UndoOffer.place": "an address of ours, which holds identifiers",
    "accounts.UndoOffer.sign_in": HASH,
    "accounts.Invitation.on_behalf_of": STAFF,
    "accounts.Invitation.token_hash": HASH,
    "accounts.Session.session_data": "signed; the session's own, no page keeps words in it",
    "accounts.Session.session_key": HASH,
    "accounts.User.email": "by which one signs in; a guest's too, see SECURITY.md",
    "accounts.User.name": "of staff; a guest's account is called Guest",
    "accounts.User.password": HASH,
    "agreements.Agency.name": STAFF,
    "agreements.Agency.phone": STAFF,
    "agreements.AgencyAgreement.document_hash": HASH,
    "agreements.AgencyAgreement.signer_name": STAFF,
    "agreements.AgencyAgreement.signer_title": STAFF,
    "agreements.AgencyAgreement.text_hash": HASH,
    "agreements.AgreementForm.text": TEXT,
    "agreements.AgreementForm.text_hash": HASH,
    "agreements.AgreementForm.title": TEXT,
    "agreements.PersonalStatement.document_hash": HASH,
    "agreements.PersonalStatement.signed_name": STAFF,
    "agreements.PersonalStatement.text_hash": HASH,
    "audit.AuditEntry.action": CODE,
    "audit.AuditEntry.actor_label": "of staff; a guest is called Guest",
    "audit.AuditEntry.detail": "identifiers and counts: see docs/audit.md",
    "audit.AuditEntry.object_id": CODE,
    "audit.AuditEntry.object_type": CODE,
    "conferencing.CalendarFeed.token_hash": HASH,
    "conferencing.CallSight.under": CODE,
    "conferencing.Meeting.link": "an address of a call",
    "conferencing.Meeting.slot": CODE,
    "conferencing.MeetingRole.agency_name": STAFF,
    "conferencing.MinutesDelivery.document_hash": HASH,
    "conferencing.MinutesDelivery.left_out_because": CODE,
    "conferencing.OwnKeys.chosen": CODE,
    "conferencing.PrepListDelivery.document_hash": HASH,
    "conferencing.PrepListDelivery.left_out_because": CODE,
    "conferencing.RosterEntry.reasons": CODE,
    "outbox.Attempt.words": "what the mail server answered; no mail tells of participants",
    "outbox.Message.address": STAFF,
    "outbox.Message.date_header": CODE,
    "outbox.Message.dedupe_key": CODE,
    "outbox.Message.held_reason": CODE,
    "outbox.Message.html": "no mail tells of participants",
    "outbox.Message.kind": CODE,
    "outbox.Message.last_error": "what the mail server answered",
    "outbox.Message.message_id": HASH,
    "outbox.Message.subject": "no mail tells of participants",
    "outbox.Message.text": "no mail tells of participants",
    "outbox.StepRun.last_error": "an error's name",
    "outbox.StepRun.name": CODE,
    "participants.HmisImport.counts": CODE,
    "participants.HmisImport.csv_version": "of the export's own file",
    "participants.HmisImport.digest": HASH,
    "participants.HmisImport.failure": CODE,
    "participants.HmisImport.progress_file": CODE,
    "participants.HmisImport.software": "of the export's own file",
    "participants.HmisImport.source": "of the export's own file",
    "participants.HmisImport.stops": CODE,
    "participants.HmisProject.key": "of the export's own file",
    "participants.HmisUser.key": STAFF,
    "participants.HmisProject.kind": CODE,
    "participants.HmisProject.name": STAFF,
    "participants.HmisProject.organization": STAFF,
    "participants.HmisProject.place": PLACE,
    "participants.HmisProject.type_code": CODE,
    "participants.ReturnedCell.subject": CODE,
    "participants.ReturnedList.refusals": CODE,
    "participants.SheetSource.name": STAFF,
    "participants.HmisRefusal.column": CODE,
    "participants.HmisRefusal.file_name": CODE,
    "participants.HmisRefusal.problem": CODE,
    "participants.HmisRefusal.remedy": CODE,
    "participants.HmisRefusal.shape": "the shape of a value, letters as x",
    "conferencing.Call.checked_words": "a continuum's words, as they were read out",
    "conferencing.MeetingInvitation.address": "where a member of staff was invited",
    "conferencing.MeetingInvitation.told_of": "a digest of a link and of names of roles",
    "conferencing.NothingToDiscuss.household": "a digest of who is of a household and its needs",
    "outbox.Message.returned_words": "what a mail server answers of an address of staff",
    "participants.HmisUploadPart.file_name": "of HUD's own list of names",
    "participants.OwnWords.spans": "from where to where somebody typed, in numbers",
    "participants.Participant.alias": "what a household is called instead of its name",
    "participants.Release.form_version": "which form was signed, the same for many",
    "participants.SavedView.query": "choices of the list's form, which takes no words",
    "regions.Continuum.call_link": "an address of calls",
    "regions.Continuum.closed_days": "days on which offices are closed, for all to read",
    "regions.Continuum.code": PLACE,
    "regions.Continuum.ground_rules": TEXT,
    "regions.Continuum.name": PLACE,
    "regions.Continuum.opening_words": TEXT,
    "regions.Continuum.non_disclosure_words": TEXT,
    "regions.Continuum.purpose": TEXT,
    "regions.Continuum.specialists_see_names_why": "the words of the continuum's own release",
    "regions.Continuum.zone": PLACE,
    "regions.County.name": PLACE,
    "regions.Region.call_link": "an address of calls",
    "regions.Region.name": PLACE,
}
OWN = ("accounts", "agreements", "audit", "conferencing", "outbox", "participants", "regions")
TYPED = (models.CharField, models.TextField, models.JSONField)


def plain_texts():
    """Every column that can hold typed words and is not sealed, of our own tables."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label not in OWN:
            continue
        tracked = getattr(model, "pgh_tracked_model", model)
        for column in model._meta.local_concrete_fields:
            is_open = isinstance(column, TYPED) and not column.choices
            is_sealed = isinstance(column, EncryptedField | BlindIndexField)
            if is_open and not is_sealed and not column.name.startswith("pgh_"):
                yield f"{tracked._meta.label}.{column.name}"


def test_every_column_of_words_is_sealed_or_has_a_reason_why_not():
    found = set(plain_texts())
    assert sorted(found - set(PLAIN)) == []
    assert sorted(set(PLAIN) - found) == []


def test_history_seals_what_its_rows_seal():
    wrong = []
    for model in apps.get_models():
        tracked = getattr(model, "pgh_tracked_model", None)
        for column in tracked._meta.local_concrete_fields if tracked else ():
            names = {each.name for each in model._meta.local_concrete_fields}
            if isinstance(column, EncryptedField) and column.name in names:
                kept = model._meta.get_field(column.name)
                wrong += [] if isinstance(kept, EncryptedField) else [f"{model}.{column.name}"]
    assert wrong == []


def stored(table, column, pk, key="id"):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} WHERE {key} = %s", [pk])
        values = [row[0] for row in cursor.fetchall()]
    return [None if value is None else bytes(value) for value in values]


def test_what_is_typed_about_a_call_does_not_stand_in_the_table(river, region_2):
    call = make_meeting(
        river, region_2, state="cancelled", cancellation_reason="Bo Moua moved away"
    )
    walk_in = make_attendance(call, name="Bo Moua Senior", organization="Elm Street")
    tokens = [
        *stored("conferencing_meeting", "cancellation_reason", call.pk),
        *stored("conferencing_meetingevent", "cancellation_reason", call.pk, "pgh_obj_id"),
        *stored("conferencing_attendance", "name", walk_in.pk),
        *stored("conferencing_attendance", "organization", walk_in.pk),
    ]
    assert len(tokens) >= 4
    typed = (b"Moua moved away", b"Moua Senior", b"Elm Street")
    assert not any(word in token for token in tokens for word in typed)
    assert Meeting.objects.get(pk=call.pk).cancellation_reason == "Bo Moua moved away"
    event = Meeting.pgh_event_model.objects.filter(pgh_obj=call.pk).latest("pgh_id")
    assert event.cancellation_reason == "Bo Moua moved away"
    assert Attendance.objects.get(pk=walk_in.pk).shown_name == "Bo Moua Senior"


def run(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else None


def move_to(app, name):
    run("SET CONSTRAINTS ALL IMMEDIATE")
    call_command("migrate", app, name, verbosity=0, interactive=False)


@pytest.fixture
def at_the_end():
    """Whatever happened, the schema is the newest again: the transaction goes back with it."""
    yield
    assert connection.in_atomic_block


def test_the_migrations_carry_what_was_typed_over_and_back(
    river, river_agency, region_2, river_specialist, at_the_end
):
    words = "Snow \\x41 — Nguyễn’s “reason”"
    call = make_meeting(river, region_2, state="cancelled", cancellation_reason=words)
    other = make_meeting(river, region_2, starts_at=timezone.now() + timedelta(days=9))
    walk_in = make_attendance(call, name="Bo Moua", organization=None)
    household = make_participant(river_agency, region_2)
    guest = make_guest(other, household, by=river_specialist, relation="family", name="Ma Moua")
    view = SavedView.objects.create(
        continuum=river,
        owner=river_specialist,
        name="Moua",
        made_at=timezone.now(),
        changed_at=timezone.now(),
    )
    agreement = river_agency.agreements.get()
    revoke([agreement], at=timezone.now(), reason=f"{words} of Moua")
    move_to("conferencing", "0005_sights_as_stated")
    move_to("agreements", "0002_initial")
    told = run("SELECT revocation_reason FROM agreements_agencyagreementevent ORDER BY pgh_id")
    assert told[-1] == (f"{words} of Moua",)
    move_to("participants", "0008_named_by_whom")
    before = run("SELECT cancellation_reason FROM conferencing_meeting ORDER BY starts_at")
    assert sorted(before) == [("",), (words,)]
    assert run("SELECT name, organization FROM conferencing_attendance") == [("Bo Moua", "")]
    assert run("SELECT name FROM participants_savedview") == [("Moua",)]
    assert run("SELECT name FROM accounts_user WHERE id = %s", guest.user_id) == [("Ma Moua",)]
    number = run("SELECT count(*) FROM conferencing_meetingevent")
    run("UPDATE conferencing_meeting SET list_hold_reason = 'Typed before' WHERE id = %s", other.pk)
    move_to("conferencing", "0006_seal_typed_words")
    # Carrying over made no history; what was typed before it did.
    assert run("SELECT count(*) FROM conferencing_meetingevent") == [(number[0][0] + 1,)]
    call_command("migrate", verbosity=0, interactive=False)
    assert Meeting.objects.get(pk=call.pk).cancellation_reason == words
    assert Meeting.objects.get(pk=other.pk).list_hold_reason == "Typed before"
    assert Meeting.objects.get(pk=other.pk).cancellation_reason is None
    assert Attendance.objects.get(pk=walk_in.pk).shown_name == "Bo Moua"
    assert SavedView.objects.get(pk=view.pk).name == "Moua"
    found = CallGuest.objects.get(pk=guest.pk)
    assert (found.name, found.user.name) == ("Ma Moua", "Guest")
    events = Meeting.pgh_event_model.objects.filter(pgh_obj=other.pk).order_by("pgh_id")
    assert [each.list_hold_reason for each in events][-1] == "Typed before"
    agreement.refresh_from_db()
    assert agreement.revocation_reason == f"{words} of Moua"
    papers = AgencyAgreement.pgh_event_model.objects.filter(pgh_obj=agreement.pk)
    assert papers.latest("pgh_id").revocation_reason == f"{words} of Moua"
    with pytest.raises(InternalError, match="Cannot update rows"), transaction.atomic():
        AgencyAgreement.objects.filter(pk=agreement.pk).update(revoked_at=timezone.now())
