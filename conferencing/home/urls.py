"""The first page and the search."""

from django.urls import path

from . import views

urlpatterns = [
    path("search/", views.search, name="search"),
    path("search/typed/", views.search_typed, name="search_typed"),
    path("", views.home, name="home"),
]
