"""Answers to an invitation."""

from django.urls import path

from . import views

urlpatterns = [
    path("meetings/<uuid:pk>/answer/", views.meeting_answer, name="meeting_answer"),
]
