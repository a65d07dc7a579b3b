"""Minutes, addenda, their deliveries."""

from django.urls import path

from . import views

urlpatterns = [
    path("meetings/<uuid:pk>/minutes/", views.minutes_detail, name="minutes_detail"),
    path("meetings/<uuid:pk>/minutes/add/", views.addendum_add, name="addendum_add"),
    path("meetings/<uuid:pk>/minutes/export/", views.minutes_export, name="minutes_export"),
    path("minutes/<uuid:pk>/", views.minutes_reveal, name="minutes_reveal"),
    path("minutes/<uuid:pk>/again/", views.minutes_again, name="minutes_again"),
    path("minutes/<uuid:pk>/read-out/", views.minutes_read_out, name="minutes_read_out"),
]
