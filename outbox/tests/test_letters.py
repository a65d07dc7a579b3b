"""The same mail is the same bytes: kept before it is handed over, repeated, and forgotten."""

from datetime import timedelta

import pytest
from django.utils import timezone

from outbox import services
from outbox.kinds import Prepared, Withheld
from outbox.models import Attempt, Letter, Message
from outbox.services import attempts
from vault.tests.conftest import key

from .conftest import NOW
from .post import DROP

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


class Papers:
    """A kind of mail that is another one each time it is made, and can change its mind."""

    def __init__(self):
        self.made = 0
        self.basis = "as it was"
        self.refusal = ""
        self.told = []

    def prepare(self, message, now):
        self.refuse()
        self.made += 1
        return Prepared(
            "Region 2",
            f"Copy {self.made}",
            attachments=[("list.pdf", b"%%PDF- %d" % self.made, "application/pdf")],
            basis=self.basis,
        )

    def recheck(self, message, now):
        self.refuse()
        return self.basis

    def refuse(self):
        if self.refusal:
            raise Withheld(self.refusal)

    def note(self, what):
        return lambda message, *more: self.told.append((what, message.pk))


@pytest.fixture
def papers(register_kind):
    kind = Papers()
    register_kind(
        "papers",
        prepare=kind.prepare,
        recheck=kind.recheck,
        on_sent=kind.note("sent"),
        on_possible=kind.note("possible"),
        on_withheld=kind.note("withheld"),
        on_replaced=kind.note("replaced"),
    )
    return kind


def outcomes(row):
    return list(row.log.values_list("outcome", flat=True))


@pytest.mark.parametrize("first", ["451 later", "421 closing", DROP])
def test_every_repeat_is_the_kept_bytes(queue, smtp_server, papers, first):
    row = queue(kind="papers", text="")
    smtp_server.answers["DATA"] = [first, "452 full", DROP]
    at = NOW
    for _ in range(4):
        services.send(row.pk, now=at)
        at = Message.objects.get().next_attempt_at
    assert Message.objects.get().state == "sent"
    assert papers.made == 1
    assert len({letter.content for letter in smtp_server.received}) == 1
    assert not Letter.objects.exists()
    assert papers.told.count(("possible", row.pk)) == 1
    assert papers.told[-1] == ("sent", row.pk)


def test_what_is_kept_is_sealed(queue, smtp_server, papers):
    row = queue(kind="papers", text="")
    smtp_server.answers["DATA"] = ["451 later"]
    services.send(row.pk, now=NOW)
    (stored,) = Letter.objects.values_list("content", flat=True)
    assert b"Copy 1" in Letter.objects.get().content
    assert Letter.objects.get().content[:16] not in stored.token
    assert Letter.objects.get().basis == "as it was"


def test_what_is_kept_is_sealed_again_by_rotation(queue, smtp_server, papers, settings):
    from django.core.management import call_command

    settings.FIELD_KEYS = key(1)
    row = queue(kind="papers", text="")
    smtp_server.answers["DATA"] = [DROP]
    services.send(row.pk, now=NOW)
    settings.FIELD_KEYS = f"{key(2)},{key(1)}"
    call_command("rotate_keys", verbosity=0)
    settings.FIELD_KEYS = key(2)
    services.send(row.pk, now=NOW + 10 * SECOND)
    first, second = smtp_server.received
    assert first.content == second.content


def killed_at(row, *, after_hand_over):
    """A worker that claimed the row, made its mail, and was killed."""
    message = attempts.claim(row.pk, now=NOW)
    mail = attempts._make(message, NOW)
    if after_hand_over:
        assert attempts.begin_hand_over(message, mail, now=NOW)
        attempts._hand_over(mail)


def test_a_sender_killed_at_the_hand_over_may_have_sent(queue, smtp_server, papers, only_steps):
    row = queue(kind="papers", text="")
    killed_at(row, after_hand_over=True)
    services.tick(NOW + 4 * MINUTE, send=True)
    assert len(smtp_server.received) == 1
    services.tick(NOW + 5 * MINUTE, send=True)
    row = Message.objects.get()
    assert (row.state, row.possibly_at) == ("sent", NOW)
    assert outcomes(row) == ["possible", "sent"]
    assert papers.told == [("possible", row.pk), ("sent", row.pk)]
    first, second = smtp_server.received
    assert first.content == second.content


def test_a_sender_killed_before_the_hand_over_has_not_sent(queue, smtp_server, papers, only_steps):
    row = queue(kind="papers", text="")
    killed_at(row, after_hand_over=False)
    services.tick(NOW + 5 * MINUTE, send=True)
    assert outcomes(row) == ["interrupted", "sent"]
    assert papers.told == [("sent", row.pk)]
    assert Message.objects.get().possibly_at is None


@pytest.mark.parametrize("was_possible", [True, False])
def test_a_repeat_that_may_no_longer_go_is_withheld_and_says_what_may_have_gone(
    queue, smtp_server, papers, was_possible
):
    row = queue(kind="papers", text="")
    smtp_server.answers["DATA"] = [DROP if was_possible else "451 later"]
    services.send(row.pk, now=NOW)
    papers.refusal = "The call is canceled."
    services.send(row.pk, now=NOW + 10 * SECOND)
    row = Message.objects.get()
    words = "The call is canceled."
    if was_possible:
        words += " An earlier attempt may have arrived."
    assert (row.state, row.last_error) == ("withheld", words)
    assert papers.told == [("possible", row.pk)] * was_possible + [("withheld", row.pk)]
    assert len(smtp_server.received) == was_possible
    assert not Letter.objects.exists()


@pytest.mark.parametrize("first", [DROP, "451 later"])
def test_a_repeat_that_may_no_longer_show_it_all_is_replaced(queue, smtp_server, papers, first):
    row = queue(kind="papers", text="")
    smtp_server.answers["DATA"] = [first]
    services.send(row.pk, now=NOW)
    papers.basis = "a release was revoked"
    services.send(row.pk, now=NOW + 10 * SECOND)
    old = Message.objects.get(pk=row.pk)
    assert old.state == "withheld"
    assert old.last_error.startswith("What it may show has changed since the first attempt")
    new = Message.objects.get(resend_of=old)
    assert ("replaced", row.pk) in papers.told
    services.send(new.pk, now=NOW + 11 * SECOND)
    last = smtp_server.received[-1]
    assert last.message["Message-ID"] == new.message_id != old.message_id
    assert b"Copy 2" in last.content
    assert Message.objects.get(pk=new.pk).state == "sent"
    assert len({letter.message["Message-ID"] for letter in smtp_server.received}) == len(
        smtp_server.received
    )


@pytest.mark.parametrize("first", [DROP, "451 later"])
@pytest.mark.parametrize("has_changed", [True, False])
def test_a_kind_that_only_prepares_repeats_what_it_still_says_and_replaces_what_it_does_not(
    has_changed, first, queue, smtp_server, register_kind
):
    words, withheld = ["at ten"], []
    register_kind(
        "plain",
        prepare=lambda message, now: Prepared("The call", f"It is {words[-1]}."),
        on_withheld=lambda message, now: withheld.append(message.pk),
    )
    row = queue(kind="plain", text="")
    smtp_server.answers["DATA"] = [first]
    services.send(row.pk, now=NOW)
    words += ["at noon"] * has_changed
    services.send(row.pk, now=NOW + 10 * SECOND)
    if not has_changed:
        assert Message.objects.get().state == "sent"
        assert len({letter.content for letter in smtp_server.received}) == 1
        return
    new = Message.objects.get(resend_of=row.pk)
    assert (Message.objects.get(pk=row.pk).state, new.state) == ("withheld", "waiting")
    assert withheld == []
    services.send(new.pk, now=NOW + 11 * SECOND)
    last = smtp_server.received[-1]
    assert last.message["Message-ID"] == new.message_id != row.message_id
    assert b"at noon" in last.content


def test_what_was_kept_before_kinds_said_what_they_rest_on_is_repeated_as_it_is(
    queue, smtp_server, register_kind
):
    words = ["at ten", "at noon"]
    register_kind("plain", prepare=lambda message, now: Prepared("The call", words.pop(0)))
    row = queue(kind="plain", text="")
    smtp_server.answers["DATA"] = [DROP]
    services.send(row.pk, now=NOW)
    letter = Letter.objects.get()
    letter.basis = ""
    letter.save()
    services.send(row.pk, now=NOW + 10 * SECOND)
    assert Message.objects.get().state == "sent"
    assert {b"at ten" in letter.content for letter in smtp_server.received} == {True}


def test_a_hook_that_fails_is_run_again_by_the_tick(queue, smtp_server, register_kind, only_steps):
    calls = []

    def on_possible(message, now):
        calls.append(now)
        if len(calls) == 1:
            raise LookupError("no delivery")

    register_kind("greeting", on_possible=on_possible)
    row = queue(not_after=NOW + 5 * SECOND)
    smtp_server.answers["DATA"] = [DROP]
    services.send(row.pk, now=NOW)
    assert Message.objects.get().possible_hook_pending
    services.tick(NOW + MINUTE, send=True)
    assert len(calls) == 2
    row = Message.objects.get()
    assert (row.possible_hook_pending, row.state) == (False, "expired")
    assert row.last_error == (
        "Its time passed before it could be sent. An earlier attempt may have arrived."
    )


def test_a_mail_taken_back_says_that_it_may_have_arrived(queue, smtp_server):
    row = queue()
    smtp_server.answers["DATA"] = [DROP]
    services.send(row.pk, now=NOW)
    services.cancel(Message.objects.get(), actor=None, reason="Replaced.", now=NOW)
    assert Message.objects.get().last_error == "Replaced. An earlier attempt may have arrived."
    assert not Letter.objects.exists()


@pytest.mark.parametrize("minutes", [-60, -6, 6, 60])
def test_leases_are_kept_by_the_databases_clock(
    queue, smtp_server, only_steps, monkeypatch, minutes
):
    """A second machine whose clock is wrong takes nobody's living lease for one that ran out."""
    row = queue(now=timezone.now() - MINUTE)
    wrong = timedelta(minutes=minutes)
    living = attempts.claim(row.pk, now=services.attempts.database_now())
    really = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: really() + wrong)
    assert services.send(row.pk) is None
    assert services.tick(send=True).sent == 0
    assert smtp_server.received == []
    row = Message.objects.get()
    assert (row.state, row.lease_token) == ("sending", living.lease_token)
    assert not Attempt.objects.exists()
    problems = " ".join(services.health()["problems"])
    assert "clock of this machine" in problems
