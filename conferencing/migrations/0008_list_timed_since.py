"""Let the lists of calls that are planned go out as they were: timed when the call last changed."""

from django.db import migrations
from django.db.models import F


def timed_since(apps, schema_editor):
    meetings = apps.get_model("conferencing", "Meeting").objects
    meetings.update(list_timed_at=F("changed_at"))


class Migration(migrations.Migration):
    dependencies = [("conferencing", "0007_list_choice")]

    operations = [migrations.RunPython(timed_since, migrations.RunPython.noop)]
