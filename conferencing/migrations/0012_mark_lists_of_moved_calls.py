from django.db import migrations
from django.db.models import OuterRef, Subquery
from django.utils import timezone


def mark_moved(apps, schema_editor):
    """Calls ahead that were moved after their newest list was made owe a corrected one."""
    Meeting = apps.get_model("conferencing", "Meeting")
    PrepList = apps.get_model("conferencing", "PrepList")
    Event = apps.get_model("conferencing", "MeetingEvent")
    newest = PrepList.objects.filter(meeting=OuterRef("pk")).order_by("-revision")
    ahead = Meeting.objects.filter(state="planned", starts_at__gt=timezone.now())
    ahead = ahead.annotate(frozen_at=Subquery(newest.values("frozen_at")[:1]))
    for meeting in ahead.filter(frozen_at__isnull=False):
        events = Event.objects.filter(pgh_obj_id=meeting.pk, pgh_created_at__lte=meeting.frozen_at)
        former = events.order_by("-pgh_created_at", "-pgh_id").first()
        if former is not None and former.starts_at != meeting.starts_at:
            Meeting.objects.filter(pk=meeting.pk).update(list_was_for=former.starts_at)


class Migration(migrations.Migration):
    dependencies = [("conferencing", "0011_list_of_a_moved_call")]

    operations = [migrations.RunPython(mark_moved, migrations.RunPython.noop)]
