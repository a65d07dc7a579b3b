"""Real Celery workers on a real Redis, in processes of their own: queued, killed, restarted."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import psycopg2
import pytest
from celery import Celery, current_app
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from outbox import services, tasks
from outbox.kinds import Prepared
from outbox.models import Heartbeat, Message
from run import embedded

from . import pausing
from .conftest import use_server
from .post import Pause, PostOffice

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 60  # seconds, on a machine that has other things to do


def wait_for(condition, what):
    """Wait until the condition gives something true, and return that."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError(f"waited in vain for {what}")


class Broker:
    """A Redis of the test's own."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="outbox-"))
        self.start()

    def start(self):
        socket = self.folder / "redis.sock"
        self.url = f"redis+socket://{socket}?virtual_host=0"
        command = [embedded.programs()[1], "--port", "0", "--unixsocket", socket]
        command += ["--dir", self.folder, "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_for(socket.exists, "Redis")

    def stop(self):
        self.process.terminate()
        self.process.wait(10)

    def ask(self, task, *args):
        """Queue a task, as the application would."""
        with Celery(broker=self.url, set_as_current=False) as app:
            app.send_task(task, args=args)


class Workplace:
    """Starts processes of the system on the test's database, broker and mail server."""

    def __init__(self, broker, office):
        self.broker = broker
        self.office = office
        self.workers = []
        self.log = broker.folder / "worker.log"

    def environment(self, **more):
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": "outbox.tests.worker_settings",
            "OUTBOX_TEST_DATABASE": connection.settings_dict["NAME"],
            "OUTBOX_TEST_BROKER": self.broker.url,
            "EMAIL_URL": f"smtp://127.0.0.1:{self.office.port}",
            "PYTHONWARNINGS": "ignore",
            **more,
        }

    def worker(self, pool="solo", **more):
        command = [sys.executable, "-m", "celery", "-A", "conferencing", "worker"]
        command += ["--pool", pool, "--concurrency", "2", "--loglevel", "info"]
        command += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=django_settings.BASE_DIR,
                env=self.environment(**more),
                stdout=log,
                stderr=log,
            )
        self.workers.append(process)
        return process

    def python(self, code):
        """Run lines of Python in a process of its own."""
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=django_settings.BASE_DIR,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def end(self):
        for process in self.workers:
            if process.poll() is None:
                process.terminate()
        for process in self.workers:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self.log.exists():
            print(self.log.read_text())  # pytest shows it when the test failed


@pytest.fixture
def workplace(settings):
    office, broker = PostOffice(), Broker()
    office.start()
    use_server(settings, office)
    place = Workplace(broker, office)
    yield place
    place.end()
    office.stop()
    broker.stop()
    shutil.rmtree(broker.folder)


@pytest.fixture
def pausing_mail(register_kind):
    """Queue a mail of the kind whose preparing a worker can be paused in; here it is not."""
    register_kind(
        pausing.KIND,
        prepare=lambda message, now: Prepared(
            "Region 2", "In the portal.", "<p>In the portal.</p>"
        ),
    )
    return services.queue_mail(
        kind=pausing.KIND,
        address="ann@example.org",
        dedupe_key="pausing:1",
        due_at=timezone.now() - timedelta(seconds=1),
        # The broker of the pytest process is not this test's: the test asks by itself.
        now=timezone.now() - timedelta(seconds=2),
    )


class TableLock:
    """Keeps everybody else out of the outbox's table, from a connection of its own."""

    def __enter__(self):
        params = connection.get_connection_params()
        for name in ("cursor_factory", "context"):
            params.pop(name, None)
        self.connection = psycopg2.connect(**params)
        self.cursor = self.connection.cursor()
        self.cursor.execute("LOCK TABLE outbox_message IN ACCESS EXCLUSIVE MODE")
        return self

    def somebody_waits(self):
        self.cursor.execute(
            "SELECT array_agg(pid) FROM pg_locks WHERE NOT granted "
            "AND relation = 'outbox_message'::regclass"
        )
        return self.cursor.fetchone()[0]

    def __exit__(self, *raised):
        """Let the table go, once PostgreSQL has noticed that those who waited are dead."""
        for backend in self.somebody_waits() or []:
            self.cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])
        self.connection.close()


def kill(process):
    process.kill()
    process.wait(10)


def recover():
    """Do what the tick does once the dead worker's lease has run out; twice, to be sure."""
    for minutes in (6, 12):
        services.tick(timezone.now() + timedelta(minutes=minutes), send=True)


def sent_copies(office):
    """Return the state of the one mail, and the copies that the server took."""
    return Message.objects.get().state, office.received


def test_send_killed_before_its_claim_loses_nothing(workplace, pausing_mail, only_steps):
    workplace.broker.ask("outbox.send", str(pausing_mail.pk))
    with TableLock() as table:
        worker = workplace.worker()
        wait_for(table.somebody_waits, "the claim")
        kill(worker)
    assert Message.objects.get().state == "waiting"
    recover()
    state, letters = sent_copies(workplace.office)
    assert (state, len(letters)) == ("sent", 1)


def test_send_killed_after_its_claim_loses_nothing(workplace, pausing_mail, only_steps, tmp_path):
    workplace.broker.ask("outbox.send", str(pausing_mail.pk))
    worker = workplace.worker(OUTBOX_TEST_PAUSE=str(tmp_path))
    wait_for((tmp_path / "reached").exists, "the preparing")
    kill(worker)
    assert Message.objects.get().state == "sending"
    assert str(services.tick(send=True)) == "sent 0, failed 0, late 0, waiting 1"
    recover()
    state, letters = sent_copies(workplace.office)
    assert (state, len(letters)) == ("sent", 1)


def test_send_killed_while_talking_to_the_server_loses_nothing(workplace, pausing_mail, only_steps):
    pause = Pause()
    workplace.office.answers["RCPT"] = [pause]
    workplace.broker.ask("outbox.send", str(pausing_mail.pk))
    worker = workplace.worker()
    wait_for(pause.reached.is_set, "the recipient's turn")
    kill(worker)
    pause.go.set()
    recover()
    state, letters = sent_copies(workplace.office)
    assert (state, len(letters)) == ("sent", 1)


def test_send_killed_between_acceptance_and_record_repeats_the_same_mail(
    workplace, pausing_mail, only_steps
):
    pause = Pause()
    workplace.office.answers["DATA"] = [pause]
    workplace.broker.ask("outbox.send", str(pausing_mail.pk))
    worker = workplace.worker()
    wait_for(pause.reached.is_set, "the mail")
    with TableLock() as table:
        pause.go.set()
        wait_for(table.somebody_waits, "the record")
        kill(worker)
    recover()
    state, letters = sent_copies(workplace.office)
    assert (state, len(letters)) == ("sent", 2)
    assert letters[0].content == letters[1].content
    assert letters[0].message["Message-ID"] == pausing_mail.message_id
    assert letters[0].message["Date"] == pausing_mail.date_header


def test_send_killed_after_its_record_sends_once(workplace, pausing_mail, only_steps):
    workplace.broker.ask("outbox.send", str(pausing_mail.pk))
    worker = workplace.worker()
    wait_for(lambda: Message.objects.get().state == "sent", "the record")
    kill(worker)
    recover()
    # What Redis does with a task that nobody acknowledged: it hands it out again.
    services.send(pausing_mail.pk)
    state, letters = sent_copies(workplace.office)
    assert (state, len(letters)) == ("sent", 1)


def test_queue_mail_is_sent_by_a_worker(workplace, queue, only_steps):
    with current_app.connection_for_write() as broker:
        broker.default_channel.queue_purge("celery")
    worker = workplace.worker(
        pool="prefork",
        OUTBOX_TEST_WHOLE="yes",
        OUTBOX_TEST_BROKER=django_settings.CELERY_BROKER_URL,
    )
    queue(now=timezone.now())
    wait_for(lambda: Message.objects.get().state == "sent", "the mail")
    queue("planned", now=timezone.now(), due_at=timezone.now() + timedelta(seconds=1))
    time.sleep(1)
    tasks.tick.delay()
    wait_for(lambda: Message.objects.filter(state="sent").count() == 2, "the planned mail")
    assert Heartbeat.objects.exists()
    assert len(workplace.office.received) == 2
    kill(worker)


def test_worker_goes_on_after_a_restart_of_redis(workplace, pausing_mail, only_steps):
    workplace.worker()
    workplace.broker.ask("outbox.tick")
    wait_for(Heartbeat.objects.exists, "the first tick")
    workplace.broker.stop()
    Heartbeat.objects.all().delete()
    workplace.broker.start()
    workplace.broker.ask("outbox.tick")
    wait_for(Heartbeat.objects.exists, "the second tick")


QUEUE = """
import django
django.setup()
from outbox.services import queue_mail
for number in range(40):
    queue_mail(kind="greeting", address="ann@example.org", subject="Region 2",
               text="In the portal.", dedupe_key=f"greeting:{number}")
"""


def test_queue_mail_with_redis_stopped_is_sent_by_send_due(workplace, only_steps, capsys):
    workplace.broker.stop()
    workplace.python(QUEUE)
    assert set(Message.objects.values_list("state", "queued_at")) == {("waiting", None)}
    call_command("send_due")
    assert capsys.readouterr().out == "sent 40, failed 0, late 0, waiting 0\n"
    assert len(workplace.office.received) == 40
