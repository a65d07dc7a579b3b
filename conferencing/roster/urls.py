"""Rosters and nominations."""

from django.urls import path

from . import views

urlpatterns = [
    path("meetings/<uuid:pk>/roster/", views.roster_detail, name="roster_detail"),
    path("meetings/<uuid:pk>/roster/open/", views.roster_open, name="roster_open"),
    path("meetings/<uuid:pk>/roster/add/", views.roster_add, name="roster_add"),
    path("meetings/<uuid:pk>/roster/propose/", views.roster_propose, name="roster_propose"),
    path("meetings/<uuid:pk>/roster/settle/", views.roster_settle, name="roster_settle"),
    path("meetings/<uuid:pk>/roster/unsettle/", views.roster_unsettle, name="roster_unsettle"),
    path("meetings/<uuid:pk>/roster/nominate/", views.roster_nominate, name="roster_nominate"),
    path(
        "meetings/<uuid:pk>/roster/nominations/<uuid:nomination_pk>/withdraw/",
        views.roster_withdraw,
        name="roster_withdraw",
    ),
    path("meetings/<uuid:pk>/roster/<uuid:entry_pk>/move/", views.roster_move, name="roster_move"),
    path(
        "meetings/<uuid:pk>/roster/<uuid:entry_pk>/move-on/",
        views.roster_move_on,
        name="roster_move_on",
    ),
    path(
        "meetings/<uuid:pk>/roster/<uuid:entry_pk>/remove/",
        views.roster_remove,
        name="roster_remove",
    ),
]
