"""Participants, their places and releases."""

from django.urls import include, path

from participants.returned import views as returned
from participants.spreadsheets import views as spreadsheets
from participants.views import (
    contacts,
    disclosures,
    imports,
    participants,
    releases,
    retention,
    rights,
    rounds,
    saved_views,
    sheets,
)

app_name = "participants"

urlpatterns = [
    path("", participants.participant_list, name="participant_list"),
    path("export/", saved_views.list_export, name="list_export"),
    path("export/returned/", returned.returned_add, name="returned_add"),
    path("export/returned/<uuid:pk>/", returned.returned_detail, name="returned_detail"),
    path(
        "export/returned/<uuid:pk>/all/", returned.returned_settle_all, name="returned_settle_all"
    ),
    path(
        "export/returned/<uuid:pk>/cells/<uuid:cell_pk>/",
        returned.returned_settle,
        name="returned_settle",
    ),
    path("views/add/", saved_views.saved_view_add, name="saved_view_add"),
    path("views/<uuid:pk>/", saved_views.saved_view_open, name="saved_view_open"),
    path("views/<uuid:pk>/edit/", saved_views.saved_view_edit, name="saved_view_edit"),
    path("views/<uuid:pk>/remove/", saved_views.saved_view_remove, name="saved_view_remove"),
    path("add/", participants.participant_add, name="participant_add"),
    path("sheet/", sheets.sheet_replace, name="sheet_replace"),
    path("freshness/", rounds.freshness, name="freshness"),
    path("inactivity/", rounds.inactivity_edit, name="inactivity_edit"),
    path("rounds/", rounds.round_list, name="round_list"),
    path("rounds/begin/", rounds.round_begin, name="round_begin"),
    path("rounds/<uuid:pk>/", rounds.round_detail, name="round_detail"),
    path("rounds/<uuid:pk>/close/", rounds.round_close, name="round_close"),
    path("rounds/households/<uuid:pk>/attempt/", rounds.attempt_add, name="attempt_add"),
    path("<uuid:pk>/seen-today/", contacts.seen_today, name="seen_today"),
    path("<uuid:pk>/contacts/add/", contacts.contact_add, name="contact_add"),
    path(
        "<uuid:pk>/contacts/<uuid:contact_pk>/remove/",
        contacts.contact_remove,
        name="contact_remove",
    ),
    path(
        "<uuid:pk>/place/<uuid:change_pk>/correct/",
        contacts.place_correct,
        name="place_correct",
    ),
    path("", include("participants.merges.urls")),
    path("", include("participants.households.urls")),
    path("retention/", retention.deidentify, name="deidentify"),
    path("releases/missing/", releases.release_missing_list, name="release_missing_list"),
    path("releases/unproven/", releases.release_unproven_list, name="release_unproven_list"),
    path("releases/ending/", releases.release_ending_list, name="release_ending_list"),
    path("requests/", rights.rights_request_open_list, name="rights_request_open_list"),
    path("<uuid:pk>/", participants.participant_detail, name="participant_detail"),
    path("<uuid:pk>/edit/", participants.participant_edit, name="participant_edit"),
    path("<uuid:pk>/stays/add/", participants.stay_add, name="stay_add"),
    path("<uuid:pk>/place/change/", participants.place_change, name="place_change"),
    path("<uuid:pk>/releases/", releases.release_list, name="release_list"),
    path("<uuid:pk>/releases/add/", releases.release_add, name="release_add"),
    path(
        "<uuid:pk>/releases/<uuid:release_pk>/renew/",
        releases.release_renew,
        name="release_renew",
    ),
    path(
        "<uuid:pk>/releases/<uuid:release_pk>/revoke/",
        releases.release_revoke,
        name="release_revoke",
    ),
    path(
        "<uuid:pk>/releases/<uuid:release_pk>/confirm/",
        releases.release_confirm,
        name="release_confirm",
    ),
    path("<uuid:pk>/releases/<uuid:release_pk>/scan/", releases.release_scan, name="release_scan"),
    path("<uuid:pk>/disclosures/", disclosures.disclosure_record, name="disclosure_record"),
    path(
        "<uuid:pk>/disclosures/export/",
        disclosures.disclosure_record_export,
        name="disclosure_record_export",
    ),
    path("<uuid:pk>/requests/", rights.rights_request_list, name="rights_request_list"),
    path("<uuid:pk>/requests/add/", rights.rights_request_add, name="rights_request_add"),
    path(
        "<uuid:pk>/requests/<uuid:request_pk>/answer/",
        rights.rights_request_answer,
        name="rights_request_answer",
    ),
    path(
        "<uuid:pk>/requests/<uuid:request_pk>/disagreement/",
        rights.rights_request_disagree,
        name="rights_request_disagree",
    ),
]

# Below /set-up/import/.
import_urlpatterns = [
    path("", imports.import_list, name="import_list"),
    path("add/", imports.import_add, name="import_add"),
    path("spreadsheet/", spreadsheets.sheet_add, name="sheet_add"),
    path("<uuid:pk>/columns/", spreadsheets.sheet_columns, name="sheet_columns"),
    path("<uuid:pk>/words/", spreadsheets.sheet_words, name="sheet_words"),
    path("<uuid:pk>/values/", spreadsheets.values_choose, name="values_choose"),
    path("<uuid:pk>/lines/<uuid:line_pk>/value/", spreadsheets.value_choose, name="value_choose"),
    path("<uuid:pk>/", imports.import_detail, name="import_detail"),
    path("<uuid:pk>/progress/", imports.import_progress, name="import_progress"),
    path("<uuid:pk>/projects/", imports.import_projects, name="import_projects"),
    path(
        "<uuid:pk>/duplicates/<uuid:line_pk>/decide/",
        imports.duplicate_decide,
        name="duplicate_decide",
    ),
    path("<uuid:pk>/duplicates/join/", imports.duplicates_join, name="duplicates_join"),
    path("<uuid:pk>/refusals/", imports.import_refusals, name="import_refusals"),
    path("<uuid:pk>/confirm/", imports.import_confirm, name="import_confirm"),
    path("<uuid:pk>/discard/", imports.import_discard, name="import_discard"),
    path("<uuid:pk>/undo/", imports.import_undo, name="import_undo"),
]
