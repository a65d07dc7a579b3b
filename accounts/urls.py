"""This room's own addresses, below /account/."""

from django.urls import path

from . import views

app_name = "accounts"
urlpatterns = [
    path("", views.account, name="account"),
    path("name/", views.name_change, name="name_change"),
    path("second-factor/", views.second_factor_add, name="second_factor_add"),
    path("session/ping/", views.session_ping, name="session_ping"),
    path("session/state/", views.session_state, name="session_state"),
    path("session/back/", views.session_back, name="session_back"),
    path("undo/<uuid:pk>/", views.undo_act, name="undo_act"),
    path("draft-key/", views.draft_key, name="draft_key"),
    path("held/", views.held_form_keep, name="held_form_keep"),
    path("held/<uuid:pk>/", views.held_form_detail, name="held_form_detail"),
    path("held/<uuid:pk>/discard/", views.held_form_discard, name="held_form_discard"),
    path("invitation/", views.invitation_accept, name="invitation_accept"),
    path("invitations/<str:token>/", views.invitation_open, name="invitation_open"),
]
