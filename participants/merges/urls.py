"""Possible duplicates and merges."""

from django.urls import path

from . import views

urlpatterns = [
    path("duplicates/", views.duplicates, name="duplicates"),
    path("duplicates/<uuid:pk>/", views.duplicate_detail, name="duplicate_detail"),
    path("duplicates/<uuid:pk>/dismiss/", views.duplicate_dismiss, name="duplicate_dismiss"),
    path("duplicates/<uuid:pk>/put-off/", views.duplicate_put_off, name="duplicate_put_off"),
    path("merges/<uuid:pk>/undo/", views.merge_undo, name="merge_undo"),
    path("<uuid:pk>/duplicates/choose/", views.duplicate_choose, name="duplicate_choose"),
]
