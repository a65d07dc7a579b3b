"""What can be said of a household, each thing once."""

from conferencing.models import Review

CHOICES = {
    "location": Review._meta.get_field("location").choices,
    "location_changed": Review.Changed.choices,
    "preferences_changed": Review.Changed.choices,
    "barriers_changed": Review.Changed.choices,
    "safety_changed": Review.Changed.choices,
    "eligibility": Review.Eligibility.choices,
    "target_kind": Review.Target.choices,
}
