"""Who is of a household."""

from django.urls import path

from . import views

urlpatterns = [
    path("<uuid:pk>/members/add/", views.member_add, name="member_add"),
    path("<uuid:pk>/members/<uuid:member_pk>/", views.member_change, name="member_change"),
    path("<uuid:pk>/members/<uuid:member_pk>/remove/", views.member_remove, name="member_remove"),
    path("<uuid:pk>/head/", views.head_change, name="head_change"),
    path("<uuid:pk>/split/", views.household_split, name="household_split"),
    path("<uuid:pk>/join/", views.household_join, name="household_join"),
    path("<uuid:pk>/acts/<uuid:act_pk>/undo/", views.household_undo, name="household_undo"),
]
