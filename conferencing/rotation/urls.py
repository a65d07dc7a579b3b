"""Roles and swaps."""

from django.urls import path

from .views import roles, swaps

urlpatterns = [
    path("meetings/<uuid:pk>/roles/<slug:name>/", roles.role_change, name="role_change"),
    path("roles/", roles.role_list, name="role_list"),
    path("roles/<uuid:pk>/person/", roles.role_name_person, name="role_name_person"),
    path("roles/<uuid:pk>/swap/", swaps.swap_propose, name="swap_propose"),
    path("swaps/<uuid:pk>/", swaps.swap_answer, name="swap_answer"),
    path("swaps/<uuid:pk>/withdraw/", swaps.swap_withdraw, name="swap_withdraw"),
]
