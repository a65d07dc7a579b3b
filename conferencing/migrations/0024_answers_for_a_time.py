"""An answer is for the time that the call was at; those there are count for its time of now."""

from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def take_time_of_meeting(apps, schema_editor):
    meetings = apps.get_model("conferencing", "Meeting").objects.filter(pk=OuterRef("meeting"))
    answers = apps.get_model("conferencing", "MeetingAnswer").objects
    answers.update(starts_at=Subquery(meetings.values("starts_at")[:1]))


class Migration(migrations.Migration):
    dependencies = [
        ("conferencing", "0023_opened_as_recorded"),
    ]

    operations = [
        migrations.AddField(
            model_name="meetinganswer",
            name="starts_at",
            field=models.DateTimeField(
                help_text="When the meeting was to start, as they answered.", null=True
            ),
        ),
        migrations.RunPython(take_time_of_meeting, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="meetinganswer",
            name="starts_at",
            field=models.DateTimeField(
                help_text="When the meeting was to start, as they answered."
            ),
        ),
    ]
