"""Whatever a script sends to a call, the answer is a refusal or an acceptance, never a fault."""

import json

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conferencing.call.note_fields import FIELDS
from conferencing.models import Review
from conferencing.tests.test_walk import ROWS
from conferencing.tests.world import signed_in

from .test_call_queries import held_call

pytestmark = pytest.mark.django_db
ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=40)
    | st.sampled_from(["\x00", "\ud800", "2027-02-30", "9999-12-31", "x" * 30_000, "true"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
NAMES = st.sampled_from(FIELDS) | st.text(max_size=8)
QUICK = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def held(river, region_2, river_agency, river_provider):
    return held_call(river, region_2, river_agency, river_provider, households=1, months=1)


@pytest.fixture
def post(held, river_provider):
    client, (meeting, review) = signed_in(river_provider), held
    url = reverse("conferencing:notes_save", args=[meeting.pk, review.pk])
    return lambda body: client.post(url, body, content_type="application/json").status_code


@pytest.mark.parametrize(
    "kept",
    [5, "notes", [], [1], None, True, {"notes": 5}, {"notes": "phone"}, {"notes": [5]},
     {"notes": {"a": 1}}, {"notes": [["a"]]}],
)  # fmt: skip
def test_malformed_answers_to_hints_are_422(post, kept):
    body = {"base": 0, "values": {"notes": "call 555-010-0199 SSN 123-45-6789"}, "kept": kept}
    assert post(json.dumps(body)) == 422
    assert not Review.objects.filter(revision__gt=0).exists()


@QUICK
@given(base=ODD, values=st.dictionaries(NAMES, ODD, max_size=4) | ODD, kept=ODD)
def test_notes_of_any_shape_are_no_fault(post, base, values, kept):
    body = json.dumps({"base": base, "values": values, "kept": kept})
    assert post(body) in (200, 400, 409, 422)


@QUICK
@given(values=st.dictionaries(st.sampled_from(FIELDS), ODD, max_size=4))
def test_values_of_any_shape_on_the_right_revision_are_no_fault(post, held, values):
    revision = Review.objects.values_list("revision", flat=True).get(pk=held[1].pk)
    assert post(json.dumps({"base": revision, "values": values})) in (200, 422)


@QUICK
@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_a_body_that_is_no_json_is_no_fault(post, body):
    assert post(body) == 400


FORM_FIELDS = [
    "what",
    "follow_up_person",
    "due_on",
    "is_critical",
    "keep_words",
    "key",
    "progress",
    "line",
    "last_seen_on",
    "is_not_known",
    "kept",
    "review",
    "go",
    "by",
    "q",
    "alias",
    "because",
    "agency",
    "region",
    "user",
    "name",
    "organization",
    "rest",
]
ODD_TEXT = st.text(max_size=30) | st.sampled_from(
    ["\x00", "-1", "9" * 40, "0001-01-01", "9999-99-99", "00000000-0000-0000-0000-000000000000"]
)


@pytest.mark.parametrize(
    "address",
    sorted(
        name
        for name, (method, _cells) in ROWS.items()
        if name.startswith(("conferencing:call_", "conferencing:step_", "conferencing:prework_"))
        and method in ("POST", "BOTH")
    ),
)
def test_forms_of_any_shape_are_no_fault(river_scene, address):
    client = signed_in(river_scene.people["specialist"])
    url = reverse(address, kwargs=river_scene.keys[address])

    @settings(QUICK, max_examples=5)
    @given(st.dictionaries(st.sampled_from(FORM_FIELDS), st.lists(ODD_TEXT, max_size=2)))
    def ask(sent):
        answer = client.post(url, sent, headers={"x-call": "1", "accept": "application/json"})
        assert answer.status_code < 500

    ask()


@QUICK
@given(v=ODD_TEXT, s=ODD_TEXT, r=ODD_TEXT)
def test_a_look_with_any_words_is_no_fault(held, river_provider, v, s, r):
    client = signed_in(river_provider)
    live = reverse("conferencing:call_live", args=[held[0].pk])
    assert client.get(live, {"v": v, "s": s, "r": r}).status_code in (200, 204)
