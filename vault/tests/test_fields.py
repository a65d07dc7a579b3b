import copy
import datetime
import pickle
import uuid

import pytest
from django.core import serializers
from django.core.exceptions import FieldError, ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.models import F, Value
from django.forms import DateInput, Textarea, TextInput, modelform_factory
from django.template import Context, Template
from django.test.utils import isolate_apps
from hypothesis import given
from hypothesis import strategies as st

from vault import keys
from vault.encrypted import decrypt_column
from vault.fields import (
    EncryptedBinaryField,
    EncryptedDateField,
    EncryptedJSONField,
    EncryptedTextField,
    Sealed,
)
from vault.tests.conftest import key

BIRTH = datetime.date(1990, 2, 28)
SEALED_SIZE = 4 + 12 + 16
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=8,
)


def stored(model, pk, column):
    """The bytes in the table."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {model._meta.db_table} WHERE id = %s", [pk])
        value = cursor.fetchone()[0]
    return None if value is None else bytes(value)


@pytest.fixture
def person(records):
    """A person who was read from the database just now."""
    pk = records.Person.objects.create(name="Zoë", born_on=BIRTH, needs={"beds": [1]}).pk
    return records.Person.objects.get(pk=pk)


# Round trips


def test_person_reads_back_what_was_saved(records):
    person = records.Person.objects.create(
        name="Zoë မြ", born_on=BIRTH, needs={"beds": [1, 2]}, scan=b"\x00\xff"
    )
    again = records.Person.objects.get(pk=person.pk)
    assert (again.name, again.alias, again.notes) == ("Zoë မြ", None, "")
    assert (again.born_on, again.needs, again.scan) == (BIRTH, {"beds": [1, 2]}, b"\x00\xff")
    assert "Zoë".encode() not in stored(records.Person, person.pk, "name")


def test_nothing_stays_null_and_blank_text_is_sealed(records):
    person = records.Person.objects.create(name="", alias=None)
    assert stored(records.Person, person.pk, "alias") is None
    assert len(stored(records.Person, person.pk, "name")) == SEALED_SIZE
    assert records.Person.objects.filter(alias__isnull=True, name__isnull=False).get() == person


@pytest.mark.parametrize(
    ("field", "values"),
    [
        (EncryptedTextField(), TEXT),
        (EncryptedDateField(), st.dates()),
        (EncryptedJSONField(), JSON),
        (EncryptedBinaryField(), st.binary()),
    ],
    ids=["text", "date", "json", "binary"],
)
def test_fields_give_back_every_value(field, values):
    @given(value=values)
    def holds(value):
        assert field.from_bytes(field.to_bytes(value)) == value

    holds()


@given(
    value=TEXT, one=st.uuids(), other=st.uuids(), names=st.sampled_from(["notes", "alias", "scan"])
)
def test_token_opens_only_in_its_row_and_column(records_app, value, one, other, names):
    name = records_app.Person._meta.get_field("name")
    token = name.seal(value, one)
    assert name.unseal(token, one) == value
    if one != other:
        with pytest.raises(keys.WrongKey):
            name.unseal(token, other)
    with pytest.raises(keys.WrongKey):
        records_app.Person._meta.get_field(names).unseal(token, one)
    with pytest.raises(keys.WrongKey):
        records_app.Note._meta.get_field("text").unseal(token, one)


# Reading


def test_attribute_is_opened_when_it_is_read(person, settings):
    settings.FIELD_KEYS = key(2)
    with pytest.raises(keys.UnknownKey):
        person.name  # noqa: B018
    settings.FIELD_KEYS = key(1)
    assert person.name == "Zoë"


def test_attribute_with_a_wrong_or_missing_key_raises_and_shows_nothing(person, settings):
    token = stored(type(person), person.pk, "name")
    for ring in (key(2), key(2).replace("k2", "k1")):
        settings.FIELD_KEYS = ring
        with pytest.raises(keys.VaultError) as refused:
            person.name  # noqa: B018
        for hidden in ("Zoë", token.hex(), repr(token), settings.FIELD_KEYS[3:]):
            assert hidden not in str(refused.value)


def test_attribute_refuses_a_token_of_another_row_or_column(records, person):
    other = records.Person.objects.create(name="Ann")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE vault_records_person SET name = (SELECT name FROM vault_records_person"
            " WHERE id = %s), notes = name WHERE id = %s",
            [other.pk, person.pk],
        )
    moved = records.Person.objects.get(pk=person.pk)
    for name in ("name", "notes"):
        with pytest.raises(keys.WrongKey, match=f"vault_records.Person.{name} cannot be opened"):
            getattr(moved, name)
    assert moved.born_on == BIRTH


def test_values_give_what_shows_nothing(records, person):
    (row,) = records.Person.objects.values("name", "alias")
    assert type(row["name"]) is Sealed
    assert row["alias"] is None
    assert Template("{{ row.name }}|{{ row.alias }}").render(Context({"row": row})) == (
        "&lt;encrypted&gt;|None"
    )
    assert f"{row} {row['name']!s}" == "{'name': <encrypted>, 'alias': None} <encrypted>"


def test_deferred_attribute_is_fetched_by_itself_and_stays_sealed(
    records, person, django_assert_num_queries
):
    before = stored(records.Person, person.pk, "name")
    partial = records.Person.objects.only("status").get()
    with django_assert_num_queries(1):
        assert (partial.name, partial.name) == ("Zoë", "Zoë")
    partial.save()
    assert stored(records.Person, person.pk, "name") == before
    assert records.Person.objects.defer("name").get().needs == {"beds": [1]}


def test_refresh_from_db_reads_what_others_wrote(records, person):
    mine = records.Person.objects.get()
    assert mine.name == "Zoë"
    person.name = "Ann"
    person.save()
    mine.refresh_from_db()
    assert (mine.name, mine.born_on) == ("Ann", BIRTH)
    mine.name = "typed"
    mine.refresh_from_db(fields=["name"])
    assert mine.name == "Ann"


def test_decrypt_column_yields_every_row_and_raises_like_reading(records, settings):
    settings.FIELD_KEYS = key(1)
    old = records.Person.objects.create(name="Old", alias=None)
    settings.FIELD_KEYS = f"{key(2)},{key(1)}"
    new = records.Person.objects.create(name="Zoë", alias="Z")
    rows = list(records.Person.objects.values_list("pk", "name", "alias"))
    names = decrypt_column(records.Person, "name", [(pk, name) for pk, name, _ in rows])
    assert dict(names) == {old.pk: "Old", new.pk: "Zoë"}
    raw = [(old.pk, None), (new.pk, memoryview(stored(records.Person, new.pk, "alias")))]
    assert list(decrypt_column(records.Person, "alias", raw)) == [(old.pk, None), (new.pk, "Z")]
    token = stored(records.Person, new.pk, "name")
    for bad, error in [
        ((old.pk, token), keys.WrongKey),
        ((new.pk, token[:-1]), keys.WrongKey),
        ((new.pk, token[:8]), keys.Tampered),
        ((new.pk, b""), keys.Tampered),
    ]:
        with pytest.raises(error):
            list(decrypt_column(records.Person, "name", [bad]))
    settings.FIELD_KEYS = key(2)
    with pytest.raises(keys.UnknownKey):
        list(decrypt_column(records.Person, "name", [(pk, name) for pk, name, _ in rows]))


# Writing


@pytest.mark.parametrize("read_first", [False, True])
def test_save_keeps_the_token_of_what_did_not_change(records, person, read_first):
    columns = ("name", "born_on", "needs", "notes")
    before = [stored(records.Person, person.pk, column) for column in columns]
    if read_first:
        assert (person.name, person.needs, person.notes) == ("Zoë", {"beds": [1]}, "")
    person.status = "moved"
    person.save()
    person.save()
    assert [stored(records.Person, person.pk, column) for column in columns] == before


def test_save_keeps_the_token_when_the_same_is_typed_again(records, person):
    before = stored(records.Person, person.pk, "name"), stored(records.Person, person.pk, "born_on")
    person.name = "Zoë"
    person.born_on = "1990-02-28"
    assert person.born_on == BIRTH
    person.save()
    assert before == (
        stored(records.Person, person.pk, "name"),
        stored(records.Person, person.pk, "born_on"),
    )
    assert records.PersonEvent.objects.count() == 1


def test_save_right_after_create_makes_no_new_token(records):
    person = records.Person.objects.create(name="Zoë")
    before = stored(records.Person, person.pk, "name")
    person.save()
    assert stored(records.Person, person.pk, "name") == before


def test_save_writes_what_was_changed_or_emptied(records, person):
    person.name, person.born_on = "Ann", None
    person.save()
    again = records.Person.objects.get()
    assert (again.name, again.born_on, again.needs) == ("Ann", None, {"beds": [1]})
    assert stored(records.Person, person.pk, "born_on") is None


def test_save_seals_again_what_an_old_key_sealed(records, person, settings):
    settings.FIELD_KEYS = f"{key(2)},{key(1)}"
    person.save()
    assert stored(records.Person, person.pk, "name")[:4] == b"\x01\x02k2"


def test_save_refuses_to_lose_what_it_cannot_open(records, person, settings):
    before = stored(records.Person, person.pk, "name")
    settings.FIELD_KEYS = key(2)
    with pytest.raises(keys.UnknownKey), transaction.atomic():
        person.save()
    assert stored(records.Person, person.pk, "name") == before


def test_save_writes_json_changed_in_place(records, person):
    person.needs["beds"].append(2)
    person.save()
    assert records.Person.objects.get().needs == {"beds": [1, 2]}
    value = {"beds": [1, 2]}
    person.needs = value
    value["beds"].append(3)
    person.save()
    assert records.Person.objects.get().needs == {"beds": [1, 2, 3]}
    person.needs["beds"].append(4)
    person.needs = {"beds": [1, 2, 3]}
    person.save()
    assert records.Person.objects.get().needs == {"beds": [1, 2, 3]}


@pytest.mark.parametrize("read_first", [False, True])
def test_copy_under_a_new_key_seals_again(records, person, read_first):
    if read_first:
        assert person.name == "Zoë"
    former = person.pk
    person.pk = uuid.uuid4()
    person._state.adding = True
    person.save()
    copied = records.Person.objects.get(pk=person.pk)
    assert (copied.name, copied.needs, copied.born_on) == ("Zoë", {"beds": [1]}, BIRTH)
    assert stored(records.Person, former, "name") != stored(records.Person, person.pk, "name")
    assert records.Person.objects.get(pk=former).name == "Zoë"


def test_bulk_create_seals_each_row(records):
    made = records.Person.objects.bulk_create([records.Person(name=name) for name in "ABC"])
    found = {person.pk: person.name for person in records.Person.objects.all()}
    assert found == {person.pk: name for person, name in zip(made, "ABC", strict=True)}


def test_update_refuses_encrypted_fields_and_changes_nothing(records, person):
    people = records.Person.objects.all()
    person.name = "Ann"
    attempts = [
        lambda: people.update(name="Ann"),
        lambda: people.update(name=F("notes")),
        lambda: people.update(name=Value("Ann")),
        lambda: people.update(name=people.values_list("notes", flat=True)[0]),
        lambda: people.bulk_update([person], ["name"]),
    ]
    for attempt in attempts:
        with pytest.raises(FieldError, match=r"Person\.name is encrypted"), transaction.atomic():
            attempt()
    assert records.Person.objects.get().name == "Zoë"


def test_update_may_empty_a_field_and_change_others(records, person):
    assert records.Person.objects.update(born_on=None, status="moved") == 1
    person.status = "back"
    records.Person.objects.bulk_update([person], ["status"])
    again = records.Person.objects.get()
    assert (again.born_on, again.name, again.status) == (None, "Zoë", "back")


def test_attribute_refuses_an_expression(person):
    with pytest.raises(FieldError, match="takes a value, no expression"):
        person.name = F("notes")


@pytest.mark.parametrize("lookup", ["exact", "iexact", "in", "icontains", "gt", "regex", "year"])
def test_lookups_other_than_isnull_are_refused(records, lookup):
    with pytest.raises(FieldError, match=f"is encrypted: “{lookup}” cannot"):
        records.Person.objects.filter(**{f"name__{lookup}": "Zoë"})


def test_no_plain_text_reaches_the_database(records, django_assert_num_queries):
    with django_assert_num_queries(5) as captured:
        person = records.Person(name="Zoë Unique", born_on=BIRTH, notes="secret words")
        person.full_clean()
        person.save()
    said = " ".join(query["sql"] for query in captured.captured_queries)
    for word in ("Zoë Unique", BIRTH.isoformat(), "secret words"):
        assert word not in said
        assert word.encode().hex() not in said  # as bytes are written in SQL


def test_fixtures_are_refused(records, person):
    with pytest.raises(FieldError, match="not written to fixtures"):
        serializers.serialize("json", records.Person.objects.only("name"))


# Copies


def test_deepcopy_and_pickle_carry_no_key_and_no_plain_text_that_was_only_read(person):
    assert (person.name, person.born_on) == ("Zoë", BIRTH)
    pickled = pickle.dumps(person)
    assert "Zoë".encode() not in pickled
    assert bytes([1]) * 32 not in pickled
    for again in (pickle.loads(pickled), copy.deepcopy(person), copy.copy(person)):  # noqa: S301
        assert (again.name, again.needs) == ("Zoë", {"beds": [1]})


def test_deepcopy_and_pickle_keep_json_changed_in_place(person):
    person.needs["beds"].append(2)
    for again in (pickle.loads(pickle.dumps(person)), copy.deepcopy(person)):  # noqa: S301
        again.needs["beds"].append(3)
        again.save()
        assert type(person).objects.get().needs == {"beds": [1, 2, 3]}
    assert person.needs == {"beds": [1, 2]}


# Constraints, validation and forms


def test_constraints_see_whether_there_is_a_value(records):
    person = records.Person(name="A", status="alias", born_on=BIRTH)
    with pytest.raises(ValidationError, match="By alias only: no birth date"):
        person.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        person.save()
    person.born_on = None
    person.full_clean()
    person.save()


def test_full_clean_names_each_field_and_the_remedy(records):
    person = records.Person(
        name="x" * 41, born_on="31 March", needs={"a": object()}, notes="\ud800"
    )
    with pytest.raises(ValidationError) as refused:
        person.full_clean()
    assert refused.value.message_dict == {
        "name": ["Ensure this value has at most 40 characters (it has 41)."],
        "born_on": ["Enter a date, such as 2026-03-31."],
        "needs": ["Value must be valid JSON."],
        "notes": ["Enter text without damaged characters."],
    }
    assert records.Person(name="မြ" * 20, born_on="1990-02-28").full_clean() is None


def test_model_form_shows_saves_and_keeps_what_was_typed(records, person):
    form_class = modelform_factory(
        records.Person, fields=["name", "alias", "notes", "born_on", "needs"]
    )
    form = form_class(instance=person)
    widgets = [type(form.fields[name].widget) for name in ("name", "alias", "notes", "born_on")]
    assert widgets == [TextInput, TextInput, Textarea, DateInput]
    assert 'value="Zoë"' in str(form["name"])
    assert 'maxlength="40"' in str(form["name"])
    assert 'value="1990-02-28"' in str(form["born_on"])

    typed = {"name": "Ann", "alias": "", "notes": "n", "born_on": "never", "needs": "{}"}
    form = form_class(typed, instance=records.Person.objects.get())
    assert form.errors == {"born_on": ["Enter a valid date."]}
    assert 'value="Ann"' in str(form["name"])
    assert records.Person.objects.get().name == "Zoë"

    form = form_class(typed | {"born_on": "1991-03-01"}, instance=records.Person.objects.get())
    form.save()
    again = records.Person.objects.get()
    assert (again.name, again.alias, again.notes, again.needs) == ("Ann", None, "n", {})
    assert again.born_on == datetime.date(1991, 3, 1)


# History


def test_event_rows_open_as_the_tracked_models(records, person):
    person.name = "Ann"
    person.save()
    events = list(records.PersonEvent.objects.order_by("pgh_id"))
    assert [event.name for event in events] == ["Zoë", "Ann"]
    assert [event.needs for event in events] == [{"beds": [1]}, {"beds": [1]}]
    assert {event.pgh_obj_id for event in events} == {person.pk}


def test_event_can_be_reverted(records, person):
    person.name = "Ann"
    person.save()
    records.PersonEvent.objects.order_by("pgh_id").first().revert()
    assert records.Person.objects.get().name == "Zoë"


# Checks


@isolate_apps("vault")
@pytest.mark.parametrize(
    ("attributes", "error"),
    [
        ({"name": EncryptedTextField()}, "vault.E001"),
        ({"id": models.UUIDField(primary_key=True), "name": EncryptedTextField()}, "vault.E001"),
        (
            {
                "name": EncryptedTextField(),
                "id": models.UUIDField(primary_key=True, default=uuid.uuid4),
            },
            "vault.E002",
        ),
        (
            {
                "id": models.UUIDField(primary_key=True, default=uuid.uuid4),
                "name": EncryptedTextField(unique=True),
            },
            "vault.E003",
        ),
        (
            {
                "id": models.UUIDField(primary_key=True, default=uuid.uuid4),
                "name": EncryptedTextField(db_default=""),
            },
            "vault.E004",
        ),
    ],
)
def test_check_refuses_a_model_that_cannot_hold_encrypted_fields(attributes, error):
    meta = type("Meta", (), {"app_label": "vault"})
    model = type("Refused", (models.Model,), {"__module__": "vault", "Meta": meta, **attributes})
    assert [found.id for found in model._meta.get_field("name").check()] == [error]


def test_check_accepts_the_test_models(records_app):
    assert records_app.Person.check() == []
    assert records_app.PersonEvent.check() == []


@isolate_apps("vault")
def test_sealed_as_keeps_tokens_readable_after_a_rename(records_app):
    class Renamed(models.Model):
        id = models.UUIDField(primary_key=True, default=uuid.uuid4)
        full_name = EncryptedTextField(sealed_as="vault_records.person.name")

        class Meta:
            app_label = "vault"

        def __str__(self):
            return str(self.pk)

    pk = uuid.uuid4()
    token = records_app.Person._meta.get_field("name").seal("Zoë", pk)
    field = Renamed._meta.get_field("full_name")
    assert field.unseal(token, pk) == "Zoë"
    assert field.deconstruct()[3] == {"sealed_as": "vault_records.person.name"}
