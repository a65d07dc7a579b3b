"""The by-name list of 200 and of 20,000 participants, a search for a name in the latter, and the
list of a continuum alone and among 389 others."""

import re
from functools import cache

from bench.table import Row, limit, medians, milliseconds

SMALL, LARGE = 200, 20_000
ROUNDS = 15


@cache
def worlds():
    from bench.world import analyse, continuum_of

    made = continuum_of(SMALL, code="MN-900"), continuum_of(LARGE, code="MN-901")
    analyse()
    return made


def rows():
    yield from list_pages()
    yield from list_and_filter()
    yield name_search()
    yield from crowded_pages()


def list_pages():
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    small, large = worlds()
    url = reverse("participants:participant_list")
    for role, pick in (
        ("CE Specialist", lambda made: made[1]),
        ("provider", lambda made: made[2][0]),
    ):
        clients, queries = {}, {}
        for name, made in (("small", small), ("large", large)):
            clients[name] = Client()
            clients[name].force_login(pick(made))
            clients[name].get(url)
            with CaptureQueriesContext(connection) as captured:
                answer = clients[name].get(url)
            assert answer.status_code == 200, answer.status_code
            queries[name] = len(captured)
        taken = medians(
            {name: lambda turn, client=client: client.get(url) for name, client in clients.items()},
            rounds=ROUNDS,
        )
        yield Row(
            f"list page of {LARGE:,} participants, {role}",
            f"{milliseconds(taken['large'])}, {queries['large']} queries",
            f"{SMALL} participants {milliseconds(taken['small'])}, {queries['small']} queries",
            taken["large"] / taken["small"],
            at_most=1.5,
        )


def list_and_filter():
    """The server's share of what a person waits for: 400 ms for the list, 200 for a filter."""
    from django.test import Client
    from django.urls import reverse

    (_continuum, specialist, _providers), _large = worlds()
    client, url = Client(), reverse("participants:participant_list")
    client.force_login(specialist)
    part = {"HX-Request": "true", "HX-Target": "list"}
    filtered = f"{url}?status=active"
    assert b'id="list"' in client.get(filtered, headers=part).content
    taken = medians(
        {
            "page": lambda turn: client.get(url),
            "filter": lambda turn: client.get(filtered, headers=part),
        },
        rounds=ROUNDS,
    )
    for name, what, most in (("page", "the page", 400), ("filter", "a filter", 200)):
        yield limit(
            f"list of {SMALL} participants, {what}, server time in ms",
            round(taken[name] * 1000),
            most,
        )


def name_search():
    from django.db import connection
    from django.utils import timezone

    from participants.models import Participant
    from participants.search import matching_keys
    from vault import keys

    _, (continuum, specialist, _) = worlds()
    visible = Participant.objects.visible_to(specialist, timezone.now().date())
    names = Participant.objects.filter(continuum=continuum).order_by().values_list("pk", "name")
    sql, params = names.query.sql_with_params()
    key = keys.ring().newest
    cipher, prefix = key.cipher, Participant._meta.get_field("name").bound_prefix
    start = len(key.header)
    end = start + keys.NONCE_BYTES

    def ours(turn):
        found = matching_keys(visible, "celine gun", specialist, timezone.now())
        assert found

    def bare(turn):
        # The least that any search of encrypted names must do: fetch them, and open each.
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            rows = cursor.fetchall()
        for pk, token in rows:
            token = bytes(token)
            cipher.decrypt(token[start:end], token[end:], prefix + pk.bytes)

    taken = medians({"ours": ours, "bare": bare}, rounds=ROUNDS)
    return Row(
        f"name search among {LARGE:,} encrypted participants",
        milliseconds(taken["ours"]),
        f"bare fetch and AES-GCM {milliseconds(taken['bare'])}",
        taken["ours"] / taken["bare"],
        at_most=2,
        note="Ours reads the releases, opens the names and compares names and aliases; the bare "
        "side fetches and opens the names, and does nothing else.",
    )


def crowded_pages():
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    from bench import crowd
    from participants.listing import COLUMNS

    places, specialist, provider = crowd.places()
    every = "&".join(f"columns={key}" for key in COLUMNS)
    url = reverse("participants:participant_list")
    for role, person in (("CE Specialist", specialist), ("provider", provider)):
        for what, query in (
            ("longest on the list first", ""),
            (
                "unsheltered, shown by name, 30 days on it, by last contact",
                f"need=unsheltered&release=named&days=30&sort=contact&{every}",
            ),
            ("inactive within 14 days, longest on the list first", f"state=soon&{every}"),
            ("all, by navigator", f"status=all&sort=navigator&{every}"),
        ):
            address, clients, queries, shown = f"{url}?{query}", {}, {}, {}
            for name, place in places.items():
                with crowd.using(place):
                    clients[name] = Client()
                    clients[name].force_login(person)
                    clients[name].get(address)
                    with CaptureQueriesContext(connection) as captured:
                        answer = clients[name].get(address)
                    assert answer.status_code == 200, answer.status_code
                    queries[name] = len(captured)
                    shown[name] = re.findall(b'class="cc-name" href="([^"]+)"', answer.content)
            assert queries["alone"] == queries["among"], queries
            assert shown["alone"] == shown["among"]
            assert shown["alone"]

            def ask(turn, name, clients=clients, address=address):
                with crowd.using(places[name]):
                    clients[name].get(address)

            taken = medians(
                {name: lambda turn, name=name: ask(turn, name) for name in places}, rounds=ROUNDS
            )
            yield Row(
                f"list among {crowd.CONTINUUMS * crowd.EACH:,} participants, {what}, {role}",
                f"{milliseconds(taken['among'])}, {queries['among']} queries",
                f"{crowd.EACH:,} alone {milliseconds(taken['alone'])}, {queries['alone']} queries",
                taken["among"] / taken["alone"],
                at_most=1.5,
            )
