from django.db import migrations
from django.db.models import F


def note_times(apps, schema_editor):
    """What calls that are held at this moment have said takes effect when they are closed."""
    Review = apps.get_model("conferencing", "Review")
    Event = apps.get_model("conferencing", "ReviewEvent")
    reviews = Review.objects.filter(
        meeting__call__isnull=False, meeting__call__closed_at=None, saved_at__isnull=False
    )
    reviews.exclude(location_changed="not_recorded").update(location_said_at=F("saved_at"))
    for review in reviews:
        begun = Event.objects.filter(pgh_obj_id=review.pk).order_by("pgh_id").first()
        if begun is not None and begun.navigator_id != review.navigator_id:
            Review.objects.filter(pk=review.pk).update(navigator_said_at=review.saved_at)


class Migration(migrations.Migration):
    dependencies = [("conferencing", "0013_what_the_call_said_when")]

    operations = [migrations.RunPython(note_times, migrations.RunPython.noop)]
