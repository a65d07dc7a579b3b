"""Set-up of the continuum, below /set-up/."""

from django.urls import path

from . import views

app_name = "regions"
urlpatterns = [
    path("", views.region_list, name="region_list"),
    path("continuum/", views.continuum_edit, name="continuum_edit"),
    path("exports/", views.export_by_edit, name="export_by_edit"),
    path("names/", views.who_sees_names, name="who_sees_names"),
    path("regions/add/", views.region_add, name="region_add"),
    path("regions/<uuid:pk>/", views.region_detail, name="region_detail"),
    path("regions/<uuid:pk>/edit/", views.region_edit, name="region_edit"),
    path("regions/<uuid:pk>/move/", views.region_move, name="region_move"),
    path("regions/<uuid:pk>/criteria/", views.criteria_edit, name="criteria_edit"),
    path("regions/<uuid:pk>/counties/add/", views.county_add, name="county_add"),
    path("counties/<uuid:pk>/rename/", views.county_rename, name="county_rename"),
    path("counties/<uuid:pk>/remove/", views.county_remove, name="county_remove"),
]
