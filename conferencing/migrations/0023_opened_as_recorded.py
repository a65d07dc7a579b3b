"""Which lists were opened before this was kept, as the audit has it."""

from django.db import migrations
from django.db.models import Min

SEEN = ("password.revealed", "password.read_out")


def take_from_audit(apps, schema_editor):
    entries = apps.get_model("audit", "AuditEntry").objects.filter(action__in=SEEN)
    deliveries = apps.get_model("conferencing", "PrepListDelivery").objects
    first = entries.order_by().values("object_id").annotate(first=Min("at"))
    for key, at in first.values_list("object_id", "first"):
        deliveries.filter(pk=key, opened_at__isnull=True).update(opened_at=at)


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0006_history_rewritten"),
        ("conferencing", "0022_step_not_done"),
    ]

    operations = [migrations.RunPython(take_from_audit, migrations.RunPython.noop)]
