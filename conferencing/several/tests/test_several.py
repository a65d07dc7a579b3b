"""What is done for several households is done for each as it is for one, or says why not."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agreements.models import StaffMember
from audit.models import AuditEntry
from conferencing.models import Nomination, RosterEntry
from conferencing.tests.factories import make_meeting
from conferencing.tests.pages import text_of
from participants.models import Contact, Participant, PlaceChange, Release
from participants.tests.factories import make_participant, make_release
from regions.tests.factories import today_in

pytestmark = pytest.mark.django_db
ACTS = ("contact", "navigator", "place", "release", "roster")


def address_of(act, *people, **more):
    chosen = "&".join(f"chosen={each.pk}" for each in people)
    return reverse(f"conferencing:several_{act}") + "?" + chosen + "".join(more.values())


@pytest.fixture
def birds(river_agency, region_2):
    return [
        make_participant(river_agency, region_2, name=f"Zyx{number} Vut", alias=f"Heron-{number}")
        for number in range(3)
    ]


@pytest.fixture
def strange(river_vsp_agency, region_2):
    return make_participant(river_vsp_agency, region_2, alias="Wren-9", name=None)


def send(client, act, people, **values):
    """Open the page, and send its form as it stands with these values."""
    url = address_of(act, *people)
    page = client.get(url)
    form = page.context["form"]
    kept = {name: form[name].value() for name in form.fields if form.fields[name].widget.is_hidden}
    return client.post(url, {k: v for k, v in kept.items() if v is not None} | values)


def contact(**more):
    return {"kind": Contact.Kind.SEEN, "on": f"{today_in():%Y-%m-%d}"} | more


def test_a_contact_is_recorded_for_each_and_once(client, birds, river_provider):
    client.force_login(river_provider)
    url = address_of("contact", *birds, list="&list=status%3Dall")
    page = client.get(url)
    assert all(each.alias in text_of(page) for each in birds)
    sent = contact(pk=page.context["form"]["pk"].value())
    for _ in range(2):
        answer = client.post(url, sent)
        assert (answer.status_code, answer["Location"]) == (302, "/participants/?status=all")
    assert sorted(Contact.objects.values_list("participant__alias", flat=True)) == [
        each.alias for each in birds
    ]
    assert "Done for 3 households." in text_of(client.get("/participants/"))


def test_a_reason_whose_session_ended_stands_there_again_beside_its_households(
    client, birds, river_provider
):
    client.force_login(river_provider)
    url = address_of("place", *birds)
    token = str(client.get(url).context["csrf_token"])
    client.cookies.pop("sessionid")
    sent = {"flow": PlaceChange.Flow.INACTIVE, "reason": "Nobody met Zeppelin"}
    sent["csrfmiddlewaretoken"] = token
    away = client.post(url, sent, headers={"referer": f"http://testserver{url}"})
    client.force_login(river_provider)
    back = parse_qs(urlsplit(away["Location"]).query)["next"][0]
    page = client.get(back, follow=True)
    assert "Nobody met Zeppelin" in text_of(page)
    assert "Not saved yet" in text_of(page)
    assert all(each.alias in text_of(page) for each in birds)
    assert not PlaceChange.objects.filter(flow=PlaceChange.Flow.INACTIVE).exists()


def test_a_reason_whose_session_ended_stands_beside_no_other_households(
    client, birds, river_provider
):
    client.force_login(river_provider)
    url, others = address_of("place", *birds[:2]), address_of("place", birds[2])
    token = str(client.get(url).context["csrf_token"])
    client.cookies.pop("sessionid")
    sent = {"flow": PlaceChange.Flow.INACTIVE, "reason": "Nobody met Zeppelin"}
    sent["csrfmiddlewaretoken"] = token
    client.post(url, sent, headers={"referer": f"http://testserver{url}"})
    client.force_login(river_provider)
    assert "Zeppelin" not in text_of(client.get(others))
    # What is done for others does not throw it away.
    sent = {"flow": PlaceChange.Flow.INACTIVE, "on": f"{today_in():%Y-%m-%d}", "reason": "Gone"}
    assert client.post(others, sent).status_code == 302
    same = "&".join(reversed(urlsplit(url).query.split("&")))
    assert "Nobody met Zeppelin" in text_of(client.get(f"{urlsplit(url).path}?{same}"))


def test_a_form_that_was_sent_before_is_saved_as_a_new_one_once_it_was_said(
    client, birds, river_provider
):
    client.force_login(river_provider)
    url = address_of("contact", *birds)
    sent = contact(pk=client.get(url).context["form"]["pk"].value())
    client.post(url, sent)
    answer = client.post(url, sent | {"kind": Contact.Kind.SPOKE})
    assert "save again" in text_of(answer)
    again = sent | {"kind": Contact.Kind.SPOKE, "pk": answer.context["form"]["pk"].value()}
    assert client.post(url, again).status_code == 302
    assert Contact.objects.count() == 6


def test_a_providers_household_signs_no_release(client, strange, river_vsp_provider):
    client.force_login(river_vsp_provider)
    assert "Not for these households" in text_of(client.get(address_of("release", strange)))
    assert "For 1 household" in text_of(client.get(address_of("contact", strange)))


def test_a_roster_asks_of_its_region_once(client, river, river_agency, region_2, river_specialist):
    call = make_meeting(river, region_2, starts_at=timezone.now() + timedelta(days=20))
    people = [make_participant(river_agency, region_2) for _ in range(12)]
    client.force_login(river_specialist)
    with CaptureQueriesContext(connection) as few:
        send(client, "roster", people[:2], meeting=call.pk, reason="Ill")
    with CaptureQueriesContext(connection) as more:
        send(client, "roster", people[2:], meeting=call.pk, reason="Ill")
    assert RosterEntry.objects.filter(meeting=call).count() == 12
    assert (len(more) - len(few)) / 8 < 25


def test_who_it_may_not_be_done_for_is_left_out_and_said(
    client, birds, strange, river_provider, river_specialist
):
    client.force_login(river_provider)
    page = text_of(client.get(address_of("contact", *birds, strange)))
    assert "For 3 households" in page
    assert "your role may not do this for them: Wren-9" in page
    send(client, "contact", [*birds, strange], **contact())
    assert not strange.contacts.exists()
    assert "Your role may not do this for any" in text_of(
        client.get(address_of("contact", strange))
    )
    assert client.post(address_of("contact", strange), contact()).status_code == 200
    assert not strange.contacts.exists()
    client.force_login(river_specialist)
    send(client, "navigator", [strange], navigator="")
    assert "Wren-9" in text_of(client.get(address_of("navigator", strange)))


@pytest.mark.parametrize("act", ACTS)
def test_households_of_others_are_not_there_at_all(
    client, act, birds, three_provider, three_agency, river_lapsed_provider
):
    client.force_login(three_provider)
    page = text_of(client.get(address_of(act, *birds)))
    assert "No households checked" in page
    assert not any(each.alias in page for each in birds)
    client.force_login(river_lapsed_provider)
    assert client.get(address_of(act, *birds)).status_code == 403
    assert client.post(address_of(act, *birds), {}).status_code == 403


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("chosen", ["", "chosen=", "chosen=x", "chosen=%00&list=%FF&list[]=1"])
def test_rubbish_in_the_address_is_nobody(client, act, chosen, river_provider):
    client.force_login(river_provider)
    for ask in (client.get, client.post):
        page = ask(reverse(f"conferencing:several_{act}") + f"?{chosen}")
        assert page.status_code == 200
        assert "No households checked" in text_of(page)


def test_who_looks_is_recorded_by_name_where_it_was_by_name(client, birds, river_other_provider):
    make_release(birds[0])
    client.force_login(river_other_provider)
    page = text_of(client.get(address_of("contact", *birds)))
    assert [each.name in page for each in birds] == [True, False, False]
    entry = AuditEntry.objects.filter(action="participants.several_viewed").latest("sequence")
    assert len(entry.detail["participants"]) == 3
    assert list(entry.detail["named_under"]) == [str(birds[0].pk)]


def test_a_navigator_is_named_for_each_as_it_stands_in_the_history(
    client, birds, river_provider, river_lead
):
    client.force_login(river_provider)
    lead = StaffMember.objects.get(user=river_lead)
    assert send(client, "navigator", birds, navigator=lead.pk).status_code == 302
    assert {each.navigator for each in Participant.objects.all()} == {lead}
    assert "navigator now: Lee Lead" in text_of(client.get(address_of("navigator", *birds)))
    # Sent as it stands, it takes nobody away.
    assert send(client, "navigator", birds, navigator="").status_code == 200
    assert {each.navigator for each in Participant.objects.all()} == {lead}


def test_moves_that_fit_all_of_them_are_offered_and_done(client, birds, river_provider):
    client.force_login(river_provider)
    flow = PlaceChange.Flow.INACTIVE
    sent = {"flow": flow, "on": f"{today_in():%Y-%m-%d}", "reason": "Nobody met them"}
    assert send(client, "place", birds[:1], **sent).status_code == 302
    offered = dict(client.get(address_of("place", *birds)).context["form"].fields["flow"].choices)
    assert flow not in offered
    assert (
        offered.keys()
        < dict(
            client.get(address_of("place", *birds[1:])).context["form"].fields["flow"].choices
        ).keys()
    )
    # Of a page that stood open meanwhile: who was moved already stays, with the reason.
    answer = client.post(address_of("place", *birds), sent | {"reason": "Not met"})
    assert answer.status_code == 200
    assert "Done for 2 households." in text_of(answer)
    assert "does not fit" in text_of(answer)
    assert [row["participant"] for row in answer.context["rows"]] == birds[:1]
    assert answer.context["address"].count("chosen=") == 1
    assert PlaceChange.objects.filter(flow=flow).count() == 3


@pytest.mark.parametrize("act", ["place", "roster"])
def test_a_reason_is_asked_about_as_for_one(client, act, birds, river, region_2, river_provider):
    call = make_meeting(river, region_2, starts_at=timezone.now() + timedelta(days=20))
    client.force_login(river_provider)
    sent = {"reason": "Her number is 078-05-1120."}
    sent |= {
        "place": {"flow": PlaceChange.Flow.INACTIVE, "on": f"{today_in():%Y-%m-%d}"},
        "roster": {"meeting": call.pk},
    }[act]
    answer = send(client, act, birds, **sent)
    assert "looks like a Social Security number" in text_of(answer)
    assert not PlaceChange.objects.filter(flow=PlaceChange.Flow.INACTIVE).exists()
    assert not Nomination.objects.exists()
    sent["kept"] = answer.context["form"]["kept"].value()
    assert client.post(address_of(act, *birds), sent).status_code == 302


def test_one_release_is_recorded_for_all_of_them_together(client, birds, river_provider):
    client.force_login(river_provider)
    on = today_in()
    sent = {
        "form_version": "ROI 3",
        "covers_case_conferencing": "on",
        "to_all_partners": "on",
        "signed_on": f"{on:%Y-%m-%d}",
        "expires_on": f"{on + timedelta(days=365):%Y-%m-%d}",
    }
    page = text_of(client.get(address_of("release", *birds)))
    assert page.index("To whom") < page.index("Or only to these agencies") < page.index("How long")
    assert send(client, "release", birds, **sent).status_code == 302
    assert Release.objects.count() == 3
    assert len(set(Release.objects.values_list("recorded_with", flat=True))) == 1


def test_an_agency_nominates_and_a_specialist_adds(
    client, birds, river, region_2, river_provider, river_specialist
):
    call = make_meeting(river, region_2, starts_at=timezone.now() + timedelta(days=20))
    client.force_login(river_provider)
    assert send(client, "roster", birds[:2], meeting=call.pk, reason="Ill").status_code == 302
    assert Nomination.objects.filter(meeting=call).count() == 2
    # Who is nominated already is left, with the reason; who is not, is nominated.
    answer = send(client, "roster", birds[1:], meeting=call.pk, reason="Ill")
    assert "already nominated Heron-1" in text_of(answer)
    assert Nomination.objects.filter(meeting=call).count() == 3
    client.force_login(river_specialist)
    assert send(client, "roster", birds, meeting=call.pk, reason="Ill").status_code == 302
    assert RosterEntry.objects.filter(meeting=call).count() == 3


def test_calls_are_of_the_households_region_or_of_all(
    client, birds, river, region_1, region_2, three, three_region, river_provider
):
    soon = timezone.now() + timedelta(days=20)
    own = make_meeting(river, region_2, starts_at=soon)
    whole = make_meeting(river, None, starts_at=soon + timedelta(days=1))
    make_meeting(river, region_1, starts_at=soon)
    make_meeting(three, three_region, starts_at=soon)
    make_meeting(river, region_2, starts_at=timezone.now() - timedelta(days=2))
    client.force_login(river_provider)
    field = client.get(address_of("roster", *birds)).context["form"].fields["meeting"]
    assert list(field.queryset) == [own, whole]


def test_pages_ask_the_database_the_same_for_2_and_30(
    client, river_agency, region_2, river_provider
):
    people = [make_participant(river_agency, region_2, name=f"Ab{n} Cd") for n in range(30)]
    client.force_login(river_provider)
    for act in ACTS:
        counts = []
        for some in (people[:2], people[:2], people):
            with CaptureQueriesContext(connection) as asked:
                client.get(address_of(act, *some))
            counts.append(len(asked))
        assert counts[1] == counts[2], act


def test_each_line_of_the_list_can_be_checked_by_providers_and_specialists(
    client, birds, river_provider, river_specialist
):
    for user in (river_provider, river_specialist):
        client.force_login(user)
        page = client.get("/participants/").content.decode()
        assert page.count("data-choose>") == 3
        for act in ACTS:
            assert f'formaction="/households/{act}/"' in page
