"""Let a list go out two days ahead at the least, also where one day was kept."""

from django.db import migrations


def two_days(apps, schema_editor):
    apps.get_model("regions", "Continuum").objects.filter(lead_days__lt=2).update(lead_days=2)


class Migration(migrations.Migration):
    dependencies = [("regions", "0006_closed_days")]

    operations = [migrations.RunPython(two_days, migrations.RunPython.noop)]
