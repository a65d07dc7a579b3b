"""One act for several households; which ones, the question after the address tells by key."""

from django.urls import path

from . import views

urlpatterns = [
    path("households/contact/", views.several_contact, name="several_contact"),
    path("households/place/", views.several_place, name="several_place"),
    path("households/navigator/", views.several_navigator, name="several_navigator"),
    path("households/release/", views.several_release, name="several_release"),
    path("households/roster/", views.several_roster, name="several_roster"),
]
