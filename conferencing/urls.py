"""Meetings, rosters, lists."""

from django.urls import path

from conferencing.views import lists

app_name = "conferencing"

urlpatterns = [
    path("meetings/<uuid:pk>/list/", lists.list_detail, name="list_detail"),
    path("meetings/<uuid:pk>/list/send/", lists.list_send, name="list_send"),
    path("meetings/<uuid:pk>/list/correct/", lists.list_correct, name="list_correct"),
    path("meetings/<uuid:pk>/list/hold/", lists.list_hold, name="list_hold"),
    path("meetings/<uuid:pk>/list/release/", lists.list_release, name="list_release"),
    path("lists/<uuid:pk>/", lists.delivery_reveal, name="delivery_reveal"),
    path("lists/<uuid:pk>/again/", lists.delivery_again, name="delivery_again"),
    path("lists/<uuid:pk>/read-out/", lists.delivery_read_out, name="delivery_read_out"),
]
