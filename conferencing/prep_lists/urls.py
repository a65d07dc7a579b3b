"""Prep lists and their deliveries."""

from django.urls import path

from . import views

urlpatterns = [
    path("meetings/<uuid:pk>/list/", views.list_detail, name="list_detail"),
    path("meetings/<uuid:pk>/list/choose/", views.list_choose, name="list_choose"),
    path("meetings/<uuid:pk>/list/send/", views.list_send, name="list_send"),
    path("meetings/<uuid:pk>/list/correct/", views.list_correct, name="list_correct"),
    path("meetings/<uuid:pk>/list/hold/", views.list_hold, name="list_hold"),
    path("meetings/<uuid:pk>/list/release/", views.list_release, name="list_release"),
    path("lists/<uuid:pk>/", views.delivery_reveal, name="delivery_reveal"),
    path("lists/<uuid:pk>/again/", views.delivery_again, name="delivery_again"),
    path("lists/<uuid:pk>/read-out/", views.delivery_read_out, name="delivery_read_out"),
]
