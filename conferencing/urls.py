"""What this room answers at, act by act."""

from django.urls import include, path

app_name = "conferencing"

urlpatterns = [
    path("", include(f"conferencing.{act}.urls"))
    for act in (
        "home",
        "reviews",
        "follow_through",
        "schedule",
        "rotation",
        "steps",
        "roster",
        "prework",
        "call",
        "prep_lists",
        "minutes",
    )
]
