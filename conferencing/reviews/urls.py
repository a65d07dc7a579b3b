"""A household's reviews."""

from django.urls import path

from . import views

urlpatterns = [
    path(
        "participants/<uuid:pk>/reviews/",
        views.participant_reviews,
        name="participant_reviews",
    ),
]
