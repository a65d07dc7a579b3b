"""Follow-through, figures, systemic barriers."""

from django.urls import path

from .views import attendance, figures, follow_through, systemic

urlpatterns = [
    path("participants/figures/", figures.figures, name="figures"),
    path("participants/figures/export/", figures.figures_export, name="figures_export"),
    path(
        "participants/figures/<slug:month>/<slug:measure>/",
        figures.figures_list,
        name="figures_list",
    ),
    path("follow-through/", follow_through.follow_through, name="follow_through"),
    path(
        "follow-through/export/",
        follow_through.follow_through_export,
        name="follow_through_export",
    ),
    path("follow-through/attendance/", attendance.attendance, name="attendance"),
    path("systemic-barriers/", systemic.systemic_barrier_list, name="systemic_barrier_list"),
    path(
        "systemic-barriers/<uuid:pk>/edit/",
        systemic.systemic_barrier_edit,
        name="systemic_barrier_edit",
    ),
    path(
        "systemic-barriers/<uuid:pk>/merge/",
        systemic.systemic_barrier_merge,
        name="systemic_barrier_merge",
    ),
    path(
        "systemic-barriers/<uuid:pk>/unmerge/",
        systemic.systemic_barrier_unmerge,
        name="systemic_barrier_unmerge",
    ),
]
