"""Whose the notes of pre-work are; of what is there, they are of who saved it last."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F


def take_who_saved(apps, schema_editor):
    written = apps.get_model("conferencing", "PreWork").objects.filter(notes__isnull=False)
    written.update(notes_by=F("by"))


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("conferencing", "0024_answers_for_a_time"),
    ]

    operations = [
        migrations.AddField(
            model_name="prework",
            name="notes_by",
            field=models.ForeignKey(
                blank=True,
                help_text="Whose the notes are: others may have saved the rest since.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunPython(take_who_saved, migrations.RunPython.noop),
    ]
