"""Households with nothing to discuss."""

from django.urls import path

from . import views

urlpatterns = [
    path(
        "meetings/<uuid:pk>/nothing-to-discuss/",
        views.nothing_to_discuss,
        name="nothing_to_discuss",
    ),
    path(
        "meetings/<uuid:pk>/nothing-to-discuss/<uuid:mark_pk>/discuss/",
        views.nothing_to_discuss_pull_back,
        name="nothing_to_discuss_pull_back",
    ),
]
