"""Pre-work."""

from django.urls import path

from . import views

urlpatterns = [
    path("meetings/<uuid:pk>/prework/", views.prework_list, name="prework_list"),
    path("meetings/<uuid:pk>/prework/word/", views.word_send, name="word_send"),
    path(
        "meetings/<uuid:pk>/prework/<uuid:participant_pk>/",
        views.prework_edit,
        name="prework_edit",
    ),
]
