"""An import is applied, or undone, while a person changes the very household."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from threading import Event
from time import monotonic, sleep

import pytest
from django.db import connection, transaction
from django.utils import timezone

from participants.hmis import services
from participants.hmis.archives import open_path
from participants.hmis.undoing import undo_import
from participants.households.tests.test_gone_to_a_provider import goes
from participants.models import HmisImport, HmisLine, HmisRecord, Participant, SheetRecord
from participants.services.participants import change_participant
from participants.tests.factories import make_sheet_import
from participants.tests.test_hmis import AS_OF, apply, base, by_hmis_id, export, preview, ready

__all__ = ["export", "ready"]

pytestmark = pytest.mark.django_db(transaction=True)
NEXT = date(2026, 6, 8)


def waits():
    """Whether somebody waits in this database for what another one holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)"
            " WHERE NOT granted AND datname = current_database()"
        )
        return bool(cursor.fetchone()[0])


def at_once(first, then):
    """Let `first` be done and not yet be saved when `then` comes to what it holds."""
    is_done = Event()

    def one():
        try:
            with transaction.atomic():
                first()
                is_done.set()
                until = monotonic() + 20
                while not waits() and monotonic() < until:
                    sleep(0.05)
        finally:
            connection.close()

    def other():
        try:
            assert is_done.wait(20)
            then()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for each in [pool.submit(one), pool.submit(other)]:
            each.result()


@pytest.fixture
def told(ready, export, river_specialist):
    """Ana is on file; of the import that brought her nothing is left that somebody could hold."""
    apply(ready, export(), river_specialist)
    HmisLine.objects.all().delete()


@pytest.fixture
def told_anew(ready, told, export, river_specialist):
    """HMIS calls her a veteran by now: confirmed, and not applied."""
    data = base()
    data["Client"][0][5] = "1"
    found = preview(ready, export(data, "later"), river_specialist, as_of=NEXT)
    services.confirm_import(
        found, accepts=True, actor=river_specialist, now=timezone.now(), is_queued=False
    )
    return found


def apply_it(hmis_import):
    services.apply_confirmed(hmis_import, now=timezone.now())
    hmis_import.refresh_from_db()
    assert (hmis_import.state, hmis_import.failure) == ("applied", "")


def change(person, actor, **values):
    change_participant(
        Participant.objects.get(pk=person.pk),
        changed_at=Participant.objects.get(pk=person.pk).changed_at,
        actor=actor,
        now=timezone.now(),
        **values,
    )


def test_what_a_person_says_meanwhile_stays(told_anew, river_provider):
    ana = by_hmis_id("A")
    assert ana.is_veteran is False
    at_once(lambda: change(ana, river_provider, is_veteran=None), lambda: apply_it(told_anew))
    ana.refresh_from_db()
    assert ana.is_veteran is None


def test_who_goes_to_a_provider_meanwhile_is_told_of_no_more(
    told_anew, river_provider, river_vsp_agency
):
    ana = by_hmis_id("A")
    at_once(lambda: goes(ana, river_vsp_agency, river_provider), lambda: apply_it(told_anew))
    ana.refresh_from_db()
    assert (ana.is_confidential, ana.name, ana.is_veteran) == (True, None, False)
    assert not HmisRecord.objects.filter(participant=ana).exists()


def test_who_goes_to_a_provider_while_it_is_undone_gets_nothing_back(
    told_anew, river_specialist, river_provider, river_vsp_agency
):
    apply_it(told_anew)
    ana = by_hmis_id("A")
    at_once(
        lambda: goes(ana, river_vsp_agency, river_provider),
        lambda: undo_import(told_anew, actor=river_specialist, now=timezone.now()),
    )
    ana.refresh_from_db()
    assert (ana.is_confidential, ana.name) == (True, None)
    assert not HmisRecord.objects.filter(participant=ana).exists()


def test_a_sheet_leaves_who_goes_to_a_provider_meanwhile(
    told, river_provider, river_agency, river_vsp_agency
):
    ana = by_hmis_id("A")
    sheet = make_sheet_import(river_agency, state="confirmed", known=ana)
    at_once(lambda: goes(ana, river_vsp_agency, river_provider), lambda: apply_it(sheet))
    ana.refresh_from_db()
    assert (ana.is_confidential, ana.name, ana.is_veteran) == (True, None, False)
    assert not SheetRecord.objects.exists()


def test_a_long_reading_is_not_begun_again_beside_itself(
    ready, export, river_specialist, monkeypatch
):
    begun = timezone.now() - services.SILENT_FOR * 2
    waiting = services.start_import(ready, files=[], actor=river_specialist, now=begun, as_of=AS_OF)
    row = HmisImport.objects.filter(pk=waiting.pk)
    row.update(state=HmisImport.State.READING, changed_at=begun)
    states, read = [], services.read_export

    def watched(*args, progress, **more):
        def told(*rows):
            progress(*rows)
            services.mind_imports(timezone.now())
            states.append(row.get().state)

        told("Client.csv", 1)
        read(*args, progress=told, **more)

    monkeypatch.setattr(services, "read_export", watched)
    with closing(open_path(export())) as files:
        services.read_files(waiting, files, now=begun)
    assert set(states) == {HmisImport.State.READING}
    assert row.get().state == HmisImport.State.READY
