import datetime

from django.db import connection


def stored(model, pk, column):
    """The bytes in the table."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {model._meta.db_table} WHERE id = %s", [pk])
        value = cursor.fetchone()[0]
    return None if value is None else bytes(value)


def test_person_reads_back_what_was_saved(records):
    person = records.Person.objects.create(
        name="Zoë မြ", born_on=datetime.date(1990, 2, 28), needs={"beds": [1, 2]}, scan=b"\x00\xff"
    )
    again = records.Person.objects.get(pk=person.pk)
    assert (again.name, again.alias, again.notes) == ("Zoë မြ", None, "")
    assert again.born_on == datetime.date(1990, 2, 28)
    assert again.needs == {"beds": [1, 2]}
    assert again.scan == b"\x00\xff"
    assert "Zoë".encode() not in stored(records.Person, person.pk, "name")
    assert stored(records.Person, person.pk, "alias") is None
    assert len(stored(records.Person, person.pk, "notes")) == 4 + 12 + 16
