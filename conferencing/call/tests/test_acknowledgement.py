"""The server's own answer to the scripts of a call is known from anybody else's."""

from hashlib import sha256

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db
NUMBER = "0123456789abcdef" * 2


def is_acknowledged(answer, number=NUMBER):
    head = f"{number}\n{answer.status_code}\n".encode()
    return answer.headers.get("X-Call-Ack") == (
        f"{number} {sha256(head + answer.content).hexdigest()}"
    )


def ask(client, name, meeting, *keys, method="get", number=NUMBER, **data):
    url = reverse(f"conferencing:{name}", args=[meeting.pk, *keys])
    headers = {"X-Call": "1", "X-Call-Nonce": number}
    return getattr(client, method)(url, data, headers=headers)


def test_every_kind_of_answer_carries_the_number_of_its_question(
    client, review, river_provider, river_other_provider
):
    meeting = review.meeting
    client.force_login(river_provider)
    version = meeting.call.__class__.objects.get(pk=meeting.pk).version
    answers = {
        200: ask(client, "call_people", meeting),
        204: ask(client, "call_live", meeting, v=version),
        422: ask(client, "step_add", meeting, review.pk, method="post"),
        403: ask(client, "call_table", meeting, method="post", go="next"),
        404: ask(client, "call_household", meeting, meeting.pk),
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        assert is_acknowledged(answer), status
    assert len({answer.headers["X-Call-Ack"] for answer in answers.values()}) == len(answers)


def test_a_redirect_is_told_so_that_a_script_can_read_it(client, review):
    """Nobody is signed in: the page must know that from a portal's redirect."""
    out = ask(client, "call_people", review.meeting)
    assert (out.status_code, "Location" in out.headers) == (401, False)
    assert is_acknowledged(out)


@pytest.mark.parametrize("number", ["", "x" * 32, NUMBER + "0", NUMBER.upper(), "0 0"])
def test_whoever_asks_without_a_number_of_its_form_is_answered_as_ever(
    client, review, river_provider, number
):
    assert client.get(reverse("conferencing:home")).status_code == 302
    client.force_login(river_provider)
    answer = ask(client, "call_people", review.meeting, number=number)
    assert answer.status_code == 200
    assert "X-Call-Ack" not in answer.headers
