"""How old open steps are: the ages by which follow-through counts them and the list shows them."""

from datetime import timedelta

from django.db.models import Q

from conferencing.models import ActionItem

AGES = {
    "not_due": "Not due yet",
    "over_30": "1–30 days over",
    "over_90": "31–90 days over",
    "beyond": "More than 90 days over",
}
CRITICAL = "critical_overdue"


def is_of_age(name, on):
    """Open steps of one of the `AGES`, or critical ones that are overdue, as a `Q`."""
    a_month, a_quarter = on - timedelta(days=30), on - timedelta(days=90)
    due = {
        "not_due": Q(due_on__gte=on),
        "over_30": Q(due_on__lt=on, due_on__gte=a_month),
        "over_90": Q(due_on__lt=a_month, due_on__gte=a_quarter),
        "beyond": Q(due_on__lt=a_quarter),
        CRITICAL: Q(due_on__lt=on, is_critical=True),
    }
    return Q(state=ActionItem.State.OPEN) & due[name]
