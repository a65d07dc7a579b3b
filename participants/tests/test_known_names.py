"""Every name that a record ever had counts, and no process holds an older state than the last."""

import threading

import pytest
from django.db import connection, transaction
from django.utils import timezone

from participants import known_names
from participants.known_names import names_of, names_on_file
from participants.models import KnownName, Participant
from participants.naming import Reader, label_for, reader_for
from participants.tests.factories import make_participant, make_release
from vault import rotation

TEXT = "Rosalind shares a tent with Bo Moua and Mai Newname"


@pytest.mark.django_db
def test_clean_leaves_no_name_that_the_reader_is_not_covered_for(
    river_agency, river_other_agency, region_2, river_provider, river_specialist
):
    now = timezone.now()
    ana = make_participant(river_agency, region_2, name="Rosalind Whitcombe", alias="Heron-1")
    bo = make_participant(river_other_agency, region_2, name="Bo Moua", alias="Heron-2")

    def read_by(viewer):
        return label_for(ana, viewer, now).clean(TEXT)

    hidden = "shares a tent with [name withheld] and Mai Newname"
    assert read_by(river_specialist) == f"Heron-1 {hidden}"
    assert read_by(river_provider) == f"Rosalind {hidden}"
    make_release(bo)
    assert read_by(river_provider) == TEXT
    # A name that is recorded after the text was written counts, and so does the former one.
    ana.name = "Mai Newname"
    ana.save()
    assert read_by(river_specialist) == "Heron-1 shares a tent with Bo Moua and Heron-1"
    assert reader_for(river_specialist, now).clean(TEXT) == (
        "[name withheld] shares a tent with Bo Moua and [name withheld]"
    )
    assert Reader(ana.continuum_id).clean("Bo Moua") == "[name withheld]"


@pytest.mark.django_db
def test_clean_asks_three_queries_for_any_number_of_texts(
    django_assert_num_queries, river_agency, region_2, river_specialist
):
    people = [make_participant(river_agency, region_2, name=f"Zoltan Q{n}uxley") for n in range(9)]
    label = label_for(people[0], river_specialist, timezone.now())
    with django_assert_num_queries(3):
        for _ in range(30):
            assert "Zoltan" not in label.clean("Zoltan came")
    with django_assert_num_queries(0):
        assert label.clean("") == label.clean(None) == ""


@pytest.mark.django_db
def test_known_names_hold_each_change_of_name_once_as_sealed(river_agency, region_2):
    person = make_participant(river_agency, region_2, name="Joan One")
    person.save()
    person.name = "Joan Two"
    person.save()
    person.name = None
    person.save()
    assert sorted(names_on_file([person.pk])[person.pk]) == ["Joan One", "Joan Two"]
    sealed = b"".join(bytes(each.token) for each in KnownName.objects.all())
    assert not any(name in sealed for name in (b"Joan One", b"Joan Two"))
    names_of(person.continuum_id)
    known_names.forget_names([person.pk])
    assert names_on_file([person.pk]) == {}
    assert Reader(person.continuum_id).clean("Joan Two") == "Joan Two"


@pytest.mark.django_db
def test_known_names_are_sealed_again_by_a_new_key(settings, river_agency, region_2):
    from vault.tests.conftest import key

    person = make_participant(river_agency, region_2, name="Joan One")
    settings.FIELD_KEYS = f"{key(77)},{settings.FIELD_KEYS}"
    (place,) = [each for each in rotation.places() if "KnownName" in each.label]
    assert set(place.count()) != {"k77"}
    assert place.rotate(10) == 1
    assert place.rotate(10) == 0
    assert place.count() == {"k77": 1}
    assert names_on_file([person.pk]) == {person.pk: ["Joan One"]}


@pytest.mark.django_db(transaction=True)
def test_names_of_sees_transactions_that_commit_in_another_order_than_they_began(
    river_agency, region_2
):
    has_written, may_commit = threading.Event(), threading.Event()

    def slow():
        try:
            with transaction.atomic():
                make_participant(river_agency, region_2, name="Slowfirst Early")
                has_written.set()
                may_commit.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert has_written.wait(20)
    make_participant(river_agency, region_2, name="Quicksecond Late")
    nobody = Reader(river_agency.continuum_id).clean
    assert nobody("Quicksecond and Slowfirst") == "[name withheld] and Slowfirst"
    may_commit.set()
    thread.join()
    nobody = Reader(river_agency.continuum_id).clean
    assert nobody("Quicksecond and Slowfirst") == "[name withheld 1] and [name withheld 2]"


@pytest.mark.django_db(transaction=True)
def test_names_of_forgets_what_a_transaction_took_back(river_agency, region_2):
    with transaction.atomic():
        make_participant(river_agency, region_2, name="Neverwas Here")
        assert Reader(river_agency.continuum_id).clean("Neverwas") == "[name withheld]"
        transaction.set_rollback(True)
    assert not Participant.objects.exists()
    assert Reader(river_agency.continuum_id).clean("Neverwas") == "Neverwas"
