"""Meetings, rosters, lists."""

from django.urls import path

from conferencing.views import lists, roster

app_name = "conferencing"

urlpatterns = [
    path("meetings/<uuid:pk>/roster/", roster.roster_detail, name="roster_detail"),
    path("meetings/<uuid:pk>/roster/open/", roster.roster_open, name="roster_open"),
    path("meetings/<uuid:pk>/roster/add/", roster.roster_add, name="roster_add"),
    path("meetings/<uuid:pk>/roster/propose/", roster.roster_propose, name="roster_propose"),
    path("meetings/<uuid:pk>/roster/settle/", roster.roster_settle, name="roster_settle"),
    path("meetings/<uuid:pk>/roster/unsettle/", roster.roster_unsettle, name="roster_unsettle"),
    path("meetings/<uuid:pk>/roster/nominate/", roster.roster_nominate, name="roster_nominate"),
    path(
        "meetings/<uuid:pk>/roster/nominations/<uuid:nomination_pk>/withdraw/",
        roster.roster_withdraw,
        name="roster_withdraw",
    ),
    path("meetings/<uuid:pk>/roster/<uuid:entry_pk>/move/", roster.roster_move, name="roster_move"),
    path(
        "meetings/<uuid:pk>/roster/<uuid:entry_pk>/remove/",
        roster.roster_remove,
        name="roster_remove",
    ),
    path("meetings/<uuid:pk>/list/", lists.list_detail, name="list_detail"),
    path("meetings/<uuid:pk>/list/send/", lists.list_send, name="list_send"),
    path("meetings/<uuid:pk>/list/correct/", lists.list_correct, name="list_correct"),
    path("meetings/<uuid:pk>/list/hold/", lists.list_hold, name="list_hold"),
    path("meetings/<uuid:pk>/list/release/", lists.list_release, name="list_release"),
    path("lists/<uuid:pk>/", lists.delivery_reveal, name="delivery_reveal"),
    path("lists/<uuid:pk>/again/", lists.delivery_again, name="delivery_again"),
    path("lists/<uuid:pk>/read-out/", lists.delivery_read_out, name="delivery_read_out"),
]
