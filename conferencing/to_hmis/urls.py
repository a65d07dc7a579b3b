"""What goes to HMIS: the list, each row, the file, the list to key, who is who there."""

from django.urls import path

from . import views

urlpatterns = [
    path("to-hmis/", views.to_hmis, name="to_hmis"),
    path("to-hmis/file/", views.to_hmis_take, name="to_hmis_take"),
    path("to-hmis/keying/", views.to_hmis_keying, name="to_hmis_keying"),
    path("to-hmis/<slug:source>/<uuid:pk>/", views.to_hmis_answer, name="to_hmis_answer"),
    path(
        "to-hmis/<slug:source>/<uuid:pk>/leave-out/",
        views.to_hmis_leave_out,
        name="to_hmis_leave_out",
    ),
    path(
        "to-hmis/<slug:source>/<uuid:pk>/put-back/", views.to_hmis_put_back, name="to_hmis_put_back"
    ),
    path("to-hmis/<slug:source>/<uuid:pk>/keyed/", views.to_hmis_key, name="to_hmis_key"),
    path("to-hmis/<slug:source>/<uuid:pk>/unkeyed/", views.to_hmis_unkey, name="to_hmis_unkey"),
    path("meetings/<uuid:pk>/to-hmis/add/", views.to_hmis_add, name="to_hmis_add"),
    path("set-up/hmis-users/", views.hmis_users, name="hmis_users"),
]
