"""Addresses of agencies, agreements and people."""

from django.urls import include, path

from .views import agencies, agreements, people, statements, team, texts

app_name = "agreements"

agency_pages = [
    path("", agencies.agency_list, name="agency_list"),
    path("add/", agencies.agency_add, name="agency_add"),
    path("standing/", agencies.standing_list, name="standing_list"),
    path("my-place/", people.my_place, name="my_place"),
    path("people/<uuid:pk>/", people.staff_detail, name="staff_detail"),
    path("people/<uuid:pk>/edit/", people.staff_edit, name="staff_edit"),
    path("people/<uuid:pk>/reinvite/", people.staff_reinvite, name="staff_reinvite"),
    path("people/<uuid:pk>/restart/", people.staff_restart, name="staff_restart"),
    path("people/<uuid:pk>/move/", people.staff_move, name="staff_move"),
    path("people/<uuid:pk>/end/", people.staff_end, name="staff_end"),
    path("statement/", statements.statement_detail, name="statement_detail"),
    path("statement/sign/", statements.statement_sign, name="statement_sign"),
    path("statements/<uuid:pk>/revoke/", statements.statement_revoke, name="statement_revoke"),
    path(
        "statements/<uuid:pk>/download/", statements.statement_download, name="statement_download"
    ),
    path("agreements/<uuid:pk>/", agreements.agreement_detail, name="agreement_detail"),
    path(
        "agreements/<uuid:pk>/countersign/",
        agreements.agreement_countersign,
        name="agreement_countersign",
    ),
    path("agreements/<uuid:pk>/revoke/", agreements.agreement_revoke, name="agreement_revoke"),
    path(
        "agreements/<uuid:pk>/download/", agreements.agreement_download, name="agreement_download"
    ),
    path("<uuid:pk>/", agencies.agency_detail, name="agency_detail"),
    path("<uuid:pk>/edit/", agencies.agency_edit, name="agency_edit"),
    path("<uuid:pk>/people/invite/", people.staff_invite, name="staff_invite"),
    path("<uuid:pk>/sign/", agreements.agreement_sign, name="agreement_sign"),
    path("<uuid:pk>/upload/", agreements.agreement_upload, name="agreement_upload"),
]

set_up_pages = [
    path("people/", team.team_list, name="team_list"),
    path("people/invite/", team.team_invite, name="team_invite"),
    path("people/<uuid:pk>/edit/", team.team_edit, name="team_edit"),
    path("people/<uuid:pk>/reinvite/", team.team_reinvite, name="team_reinvite"),
    path("people/<uuid:pk>/restart/", team.team_restart, name="team_restart"),
    path("people/<uuid:pk>/end/", team.team_end, name="team_end"),
    path("texts/", texts.form_list, name="form_list"),
    path("texts/<slug:kind>/draft/", texts.form_add, name="form_add"),
    path("texts/<uuid:pk>/", texts.form_detail, name="form_detail"),
    path("texts/<uuid:pk>/compare/", texts.form_compare, name="form_compare"),
    path("texts/<uuid:pk>/edit/", texts.form_edit, name="form_edit"),
    path("texts/<uuid:pk>/discard/", texts.form_discard, name="form_discard"),
    path("texts/<uuid:pk>/publish/", texts.form_publish, name="form_publish"),
    path("texts/<uuid:pk>/postpone/", texts.form_postpone, name="form_postpone"),
]

urlpatterns = [
    path("agencies/", include(agency_pages)),
    path("set-up/", include(set_up_pages)),
]
