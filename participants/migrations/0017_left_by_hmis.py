"""Who has no open enrollment in HMIS is asked of the table, no longer of each sealed word."""

from datetime import date

from django.db import migrations


def fill(apps, schema_editor):
    records = apps.get_model("participants", "HmisRecord").objects
    for record in records.only("pk", "said").iterator(chunk_size=500):
        left = (record.said or {}).get("left")
        if left and left["value"]:
            day = date.fromisoformat(left["value"][0])
            records.filter(pk=record.pk).update(left_on=day)


class Migration(migrations.Migration):
    dependencies = [("participants", "0016_household_members")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
