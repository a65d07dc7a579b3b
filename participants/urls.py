"""Participants, their places and releases."""

from django.urls import path

from .views import participants, releases

app_name = "participants"

urlpatterns = [
    path("", participants.participant_list, name="participant_list"),
    path("add/", participants.participant_add, name="participant_add"),
    path("<uuid:pk>/", participants.participant_detail, name="participant_detail"),
    path("<uuid:pk>/edit/", participants.participant_edit, name="participant_edit"),
    path("<uuid:pk>/stays/add/", participants.stay_add, name="stay_add"),
    path("<uuid:pk>/place/change/", participants.place_change, name="place_change"),
    path("<uuid:pk>/releases/", releases.release_list, name="release_list"),
    path("<uuid:pk>/releases/add/", releases.release_add, name="release_add"),
    path(
        "<uuid:pk>/releases/<uuid:release_pk>/revoke/",
        releases.release_revoke,
        name="release_revoke",
    ),
    path("<uuid:pk>/releases/<uuid:release_pk>/scan/", releases.release_scan, name="release_scan"),
]
