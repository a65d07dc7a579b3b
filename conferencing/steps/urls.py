"""Steps."""

from django.urls import path

from . import views

urlpatterns = [
    path("steps/", views.step_list, name="step_list"),
    path("steps/<uuid:pk>/report/", views.step_report, name="step_report"),
    path("steps/<uuid:pk>/change/", views.step_change, name="step_change"),
]
