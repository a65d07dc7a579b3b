"""What this room answers at, act by act."""

from django.urls import include, path

app_name = "conferencing"

urlpatterns = [
    path("", include(f"conferencing.{act}.urls"))
    for act in (
        "home",
        "glossary",
        "reviews",
        "follow_through",
        "schedule",
        "coming",
        "rotation",
        "steps",
        "roster",
        "several",
        "nothing_to_discuss",
        "prework",
        "call",
        "prep_lists",
        "minutes",
        "to_hmis",
    )
]
