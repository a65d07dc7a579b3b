"""DESIGN, rule 1: every address × every role × both continuums, against one literal table."""

import pytest
from django.template import engines
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from accounts.models import User
from conferencing.models import CallGuest
from conferencing.tests.walking import Walk
from conferencing.tests.world import (
    CAST,
    ELSEWHERE,
    HIDDEN,
    SHARED,
    keep_watchdog_content,
    make_world,
    signed_in,
)
from participants.models import Participant
from regions.tests.factories import today_in

pytestmark = pytest.mark.django_db

COLUMNS = [
    "anonymous",
    "specialist",
    "administrator",
    "lead",
    "provider",
    "other",
    "vsp",
    "lapsed",
    "unsigned",
    "stranger",
    "outsider",
    "nowhere",
]
# What each address answers, and whom: the columns in this order.
# `stranger`: staff in standing of the other continuum, asking for this one's object; `outsider`:
# the other's administrator; `nowhere`: an account that belongs to no continuum.
# "in": sent to sign in; "-": does not arise. A GET that is not answered by 200 must be answered
# by the same when it is an empty POST, where the address takes POST at all (method BOTH). An
# address of method POST is walked with an empty one, and its GET must be 405.
TABLE = """
health_live                             GET  200 200 200 200 200 200 200 200 200   -   - 200
health_ready                            GET  200 200 200 200 200 200 200 200 200   -   - 200
health_mail                             GET  200 200 200 200 200 200 200 200 200   -   - 200
conferencing:home                       GET   in 200 200 200 200 200 200 200 200   -   - 403
conferencing:glossary                   GET   in 200 200 200 200 200 200 200 200   -   - 200
conferencing:participant_reviews        GET   in 200 403 200 200 200 200 403 403 404 403 403
conferencing:search                     BOTH  in 200 200 200 200 200 200 200 200   -   - 403
conferencing:search_typed               POST in 200 200 200 200 200 200 200 200   -   - 403
conferencing:meeting_list               GET   in 200 200 200 200 200 200 200 200   -   - 404
conferencing:year_plan                  BOTH  in 200 403 403 403 403 403 403 403   -   - 404
conferencing:clash_move                 BOTH  in 200 403 403 403 403 403 403 403   -   - 404
conferencing:meeting_add                BOTH  in 200 403 403 403 403 403 403 403   -   - 404
conferencing:meeting_detail             GET   in 200 200 200 200 200 200 200 200 404 404 404
conferencing:meeting_move               BOTH  in 200 403 403 403 403 403 403 403 404 404 404
conferencing:meeting_cancel             BOTH  in 200 403 403 403 403 403 403 403 404 404 404
conferencing:meeting_restore            BOTH  in 200 403 403 403 403 403 403 403 404 404 404
conferencing:meeting_link               BOTH  in 200 403 403 403 403 403 403 403 404 404 404
conferencing:role_change                BOTH  in 200 403 403 403 403 403 403 403 404 404 404
conferencing:role_list                  GET   in 200 200 200 200 200 200 200 200   -   - 404
conferencing:role_name_person           BOTH  in 200 403 200 403 403 403 403 403 404 404 404
conferencing:swap_propose               BOTH  in 403 403 403 200 403 403 403 403 404 404 404
conferencing:swap_answer                BOTH  in 200 403 200 200 403 403 403 403 404 404 404
conferencing:swap_withdraw              POST  in 403 403 302 403 403 403 403 403 404 404 404
conferencing:step_list                  GET   in 200 403 200 200 200 200 403 403   -   - 403
conferencing:step_report                BOTH  in 200 403 200 200 403 403 403 403 404 403 403
conferencing:step_change                BOTH  in 200 403 200 403 403 403 403 403 404 403 403
conferencing:feed_detail                GET   in 200 200 200 200 200 200 200 200   -   - 200
conferencing:feed_make                  POST  in 302 302 302 302 302 302 302 302   -   - 302
conferencing:feed_revoke                BOTH  in 200 200 200 200 200 200 200 200   -   - 200
conferencing:rule_edit                  BOTH  in 200 403 403 403 403 403 403 403 404 404 404
conferencing:rule_remove                BOTH  in 200 403 403 403 403 403 403 403 404 404 404
conferencing:coc_wide_rule_edit         BOTH  in 200 403 403 403 403 403 403 403   -   - 404
conferencing:coc_wide_rule_remove       BOTH  in 200 403 403 403 403 403 403 403   -   - 404
conferencing:lead_days_edit             BOTH  in 200 403 403 403 403 403 403 403   -   - 404
conferencing:closed_day_list            GET   in 200 403 403 403 403 403 403 403   -   - 404
conferencing:closed_day_add             BOTH  in 200 403 403 403 403 403 403 403   -   - 404
conferencing:closed_day_remove          BOTH  in 200 403 403 403 403 403 403 403   -   - 404
conferencing:county_move                BOTH  in 200 403 403 403 403 403 403 403 404 404 404
conferencing:feed_read                  GET  200 200 200 200 200 200 200 200 200 200 200 200
conferencing:roster_detail              BOTH  in 200 403 403 403 403 403 403 403 404 404 404
conferencing:roster_open                POST  in 302 403 403 403 403 403 403 403 404 404 404
conferencing:roster_add                 POST  in 302 403 403 403 403 403 403 403 404 404 404
conferencing:roster_propose             BOTH  in 200 403 403 403 403 403 403 403 404 404 404
conferencing:roster_settle              POST  in 302 403 403 403 403 403 403 403 404 404 404
conferencing:roster_unsettle            POST  in 302 403 403 403 403 403 403 403 404 404 404
conferencing:roster_nominate            BOTH  in 200 403 200 200 200 200 403 403 404 404 404
conferencing:several_contact                 BOTH  in 200 403 200 200 200 200 403 403   -   - 403
conferencing:several_navigator               BOTH  in 200 403 200 200 200 200 403 403   -   - 403
conferencing:several_place                   BOTH  in 200 403 200 200 200 200 403 403   -   - 403
conferencing:several_release                 BOTH  in 200 403 200 200 200 200 403 403   -   - 403
conferencing:several_roster                  BOTH  in 200 403 200 200 200 200 403 403   -   - 403
conferencing:nothing_to_discuss         BOTH  in 200 403 200 200 200 200 403 403 404 404 404
conferencing:nothing_to_discuss_pull_back POST  in 302 403 302 302 302 302 403 403 404 404 404
conferencing:roster_withdraw            POST  in 404 403 302 302 404 404 403 403 404 404 404
conferencing:roster_move                POST  in 302 403 403 403 403 403 403 403 404 404 404
conferencing:roster_move_on             POST  in 302 403 403 403 403 403 403 403 404 404 404
conferencing:roster_remove              POST  in 302 403 403 403 403 403 403 403 404 404 404
conferencing:meeting_answer             BOTH  in 200 403 200 200 200 200 403 403 404 404 404
conferencing:word_send                  BOTH  in 403 403 200 200 200 200 403 403 404 404 404
conferencing:prework_list               GET   in 403 403 200 200 200 200 403 403 404 404 404
conferencing:prework_edit               BOTH  in 403 403 200 200 404 404 403 403 404 404 404
conferencing:guest_list                 GET   in 200 403 403 403 403 200 403 403 404 404 404
conferencing:guest_invite               BOTH  in 200 403 403 403 403 200 403 403 404 404 404
conferencing:guest_reinvite             POST  in 302 403 403 403 403 404 403 403 404 404 404
conferencing:guest_withdraw             POST  in 302 403 403 403 403 404 403 403 404 404 404
conferencing:list_detail                GET   in 200 403 403 403 403 403 403 403 404 404 404
conferencing:list_choose                BOTH  in 200 403 403 403 403 403 403 403 404 404 404
conferencing:list_send                  BOTH  in 200 403 403 403 403 403 403 403 404 404 404
conferencing:list_correct               BOTH  in 200 403 403 403 403 403 403 403 404 404 404
conferencing:list_hold                  BOTH  in 200 403 403 403 403 403 403 403 404 404 404
conferencing:list_release               BOTH  in 200 403 403 403 403 403 403 403 404 404 404
conferencing:call_detail                GET   in 200 403 200 200 200 200 403 403 404 404 404
conferencing:call_live                  GET   in 200 403 200 200 200 200 403 403 404 404 404
conferencing:call_frame                 GET   in 200 403 200 200 200 200 403 403 404 404 404
conferencing:call_people                GET   in 200 403 200 200 200 200 403 403 404 404 404
conferencing:call_referrals              GET   in 200 403 200 200 200 200 403 403 404 404 404
conferencing:call_present               GET   in 200 403 403 403 403 403 403 403 404 404 404
conferencing:call_opening_check         BOTH  in 200 403 403 403 403 403 403 403 404 404 404
conferencing:call_household             GET   in 200 403 200 200 200 200 403 403 404 404 404
conferencing:notes_history              GET   in 200 403 200 200 200 200 403 403 404 404 404
conferencing:call_begin                 POST  in 302 403 403 403 403 403 403 403 404 404 404
conferencing:call_table                 POST  in 302 403 403 403 403 403 403 403 404 404 404
conferencing:call_discuss               POST  in 302 403 403 403 403 403 403 403 404 404 404
conferencing:call_refer                 POST in 404 403 403 403 403 403 403 403 404 404 404
conferencing:call_reopen                POST  in 302 403 403 403 403 403 403 403 404 404 404
conferencing:call_carry_over            POST  in 302 403 403 403 403 403 403 403 404 404 404
conferencing:call_nothing_to_discuss    POST  in 302 403 403 403 403 403 403 403 404 404 404
conferencing:call_discuss_after_all     POST  in 302 403 403 403 403 403 403 403 404 404 404
conferencing:call_order                 POST  in 302 403 403 403 403 403 403 403 404 404 404
conferencing:call_tick                  POST  in 302 403 403 403 403 403 403 403 404 404 404
conferencing:step_remove                POST  in 302 403 403 403 403 403 403 403 404 404 404
conferencing:call_undo_act              POST  in 404 403 404 404 404 404 403 403 404 404 404
conferencing:call_keys                  POST  in 422 403 422 422 422 422 403 403 404 404 404
conferencing:call_attend                POST  in 302 403 302 302 302 302 403 403 404 404 404
conferencing:call_stand_in              POST  in 302 403 403 403 403 403 403 403 404 404 404
conferencing:call_hand_back             POST  in 302 403 403 403 403 403 403 403 404 404 404
conferencing:call_raise                 BOTH  in 200 403 403 403 403 403 403 403 404 404 404
conferencing:call_walk_in               BOTH  in 200 403 403 403 403 403 403 403 404 404 404
conferencing:call_close                 BOTH  in 200 403 403 403 403 403 403 403 404 404 404
conferencing:notes_save                 POST  in 400 403 403 403 403 403 403 403 404 404 404
conferencing:step_add                   POST  in 422 403 403 403 403 403 403 403 404 404 404
conferencing:prework_accept             POST  in 302 403 403 403 403 403 403 403 404 404 404
conferencing:call_report                POST  in 422 403 403 403 403 403 403 403 404 404 404
conferencing:call_guest                 GET   in 403 403 403 403 403 403 403 403 404 404 404
conferencing:call_guest_safety          POST  in 302 403 403 403 403 403 403 403 404 404 404
conferencing:delivery_reveal            GET   in 403 404 404 200 404 404 404 404 404 404 404
conferencing:delivery_again             BOTH  in 200 404 404 403 404 404 404 404 404 404 404
conferencing:delivery_read_out          BOTH  in 200 404 404 403 404 404 404 404 404 404 404
conferencing:minutes_detail             GET   in 200 403 200 200 200 200 403 403 404 404 404
conferencing:addendum_add               BOTH  in 200 403 200 200 200 200 403 403 404 404 404
conferencing:minutes_export             BOTH  in 200 403 200 200 200 200 403 403 404 404 404
conferencing:minutes_reveal             GET   in 403 404 404 200 404 404 404 404 404 404 404
conferencing:minutes_again              BOTH  in 200 404 404 403 404 404 404 404 404 404 404
conferencing:minutes_read_out           BOTH  in 200 404 404 403 404 404 404 404 404 404 404
conferencing:to_hmis                    GET   in 200 403 200 200 200 200 403 403   -   - 403
conferencing:to_hmis_take               BOTH  in 200 403 200 200 200 200 403 403   -   - 403
conferencing:to_hmis_keying             GET   in 200 403 200 200 200 200 403 403   -   - 403
conferencing:to_hmis_answer             BOTH  in 200 403 200 200 200 200 403 403 404 403 403
conferencing:to_hmis_add                BOTH  in 200 403 200 200 200 200 403 403 404 404 404
conferencing:to_hmis_leave_out          POST  in 302 403 302 302 302 302 403 403 404 403 403
conferencing:to_hmis_put_back           POST  in 302 403 302 302 302 302 403 403 404 403 403
conferencing:to_hmis_key                POST  in 302 403 302 302 403 403 403 403 404 403 403
conferencing:to_hmis_unkey              POST  in 302 403 302 302 403 403 403 403 404 403 403
conferencing:hmis_users                 BOTH  in 200 200 403 403 403 403 403 403   -   - 404
conferencing:minutes_choice_edit        BOTH  in 200 403 403 403 403 403 403 403   -   - 404
conferencing:guest_sight_edit           BOTH  in 200 403 403 403 403 403 403 403   -   - 404
regions:export_by_edit                   BOTH  in 200 403 403 403 403 403 403 403   -   - 404
regions:who_sees_names                  BOTH  in 403 200 403 403 403 403 403 403   -   - 404
conferencing:follow_through             GET   in 200 403 403 403 403 403 403 403   -   - 403
conferencing:follow_through_export      BOTH  in 200 403 403 403 403 403 403 403   -   - 403
conferencing:attendance                 GET   in 200 403 403 403 403 403 403 403   -   - 403
conferencing:systemic_barrier_list      GET   in 200 403 200 200 200 200 403 403   -   - 403
conferencing:systemic_barrier_edit      BOTH  in 200 403 403 403 403 403 403 403 404 404 404
conferencing:systemic_barrier_merge     BOTH  in 200 403 403 403 403 403 403 403 404 404 404
conferencing:systemic_barrier_unmerge   POST  in 302 403 403 403 403 403 403 403 404 404 404
conferencing:figures                    GET   in 200 200 200 200 200 200 403 403   -   - 403
conferencing:figures_list               GET   in 200 403 200 200 200 200 403 403   -   - 403
conferencing:figures_export             BOTH  in 200 200 200 200 200 200 403 403   -   - 403
participants:freshness                  GET   in 200 403 403 403 403 403 403 403   -   - 403
participants:inactivity_edit            BOTH  in 200 403 403 403 403 403 403 403   -   - 404
participants:round_list                 GET   in 200 403 403 403 403 403 403 403   -   - 403
participants:round_begin                POST  in 302 403 403 403 403 403 403 403   -   - 403
participants:round_detail               GET   in 200 403 200 200 200 200 403 403 404 403 403
participants:round_close                BOTH  in 200 403 403 403 403 403 403 403 404 403 403
participants:attempt_add                BOTH  in 200 403 200 200 403 403 403 403 404 403 403
participants:duplicates                 GET   in 200 403 403 403 403 403 403 403   -   - 403
participants:duplicate_detail           BOTH  in 200 403 403 403 403 403 403 403 404 403 403
participants:duplicate_dismiss          BOTH  in 200 403 403 403 403 403 403 403 404 403 403
participants:duplicate_put_off          POST  in 302 403 403 403 403 403 403 403 404 403 403
participants:duplicate_choose           BOTH  in 200 403 403 403 403 403 403 403 404 403 403
participants:merge_undo                 BOTH  in 200 403 403 403 403 403 403 403 404 403 403
participants:sheet_replace              BOTH  in 403 403 403 403 403 200 403 403   -   - 403
participants:seen_today                 POST  in 302 403 302 302 302 302 403 403 404 403 403
participants:contact_add                BOTH  in 200 403 200 200 200 200 403 403 404 403 403
participants:contact_remove             POST  in 404 403 404 302 404 404 403 403 404 403 403
participants:member_add                 BOTH  in 200 403 200 200 403 403 403 403 404 403 403
participants:member_change              BOTH  in 403 403 200 200 403 403 403 403 404 403 403
participants:member_remove              POST  in 403 403 302 302 403 403 403 403 404 403 403
participants:head_change                BOTH  in 403 403 200 200 403 403 403 403 404 403 403
participants:household_split            BOTH  in 403 403 200 200 403 403 403 403 404 403 403
participants:household_join             BOTH  in 200 403 200 200 403 403 403 403 404 403 403
participants:household_undo             BOTH  in 403 403 200 200 403 403 403 403 404 403 403
participants:place_correct              BOTH  in 200 403 200 200 403 403 403 403 404 403 403
participants:participant_list           BOTH  in 200 403 200 200 200 200 403 403   -   - 403
participants:list_export                BOTH  in 200 403 200 200 200 200 403 403   -   - 403
participants:returned_add               BOTH  in 200 403 200 200 200 200 403 403   -   - 403
participants:returned_detail            GET   in 404 403 404 200 404 404 403 403 404 403 403
participants:returned_settle            POST  in 404 403 404 302 404 404 403 403 404 403 403
participants:returned_settle_all        POST  in 404 403 404 302 404 404 403 403 404 403 403
participants:saved_view_add             BOTH  in 200 403 200 200 200 200 403 403   -   - 403
participants:saved_view_open            GET   in 302 403 302 302 302 302 403 403 404 403 403
participants:saved_view_edit            BOTH  in 200 403 403 200 403 403 403 403 404 403 403
participants:saved_view_remove          BOTH  in 200 403 403 200 403 403 403 403 404 403 403
participants:participant_add            BOTH  in 200 403 200 200 200 200 403 403   -   - 403
participants:deidentify                 BOTH  in 403 200 403 403 403 403 403 403   -   - 403
participants:participant_detail         GET   in 200 403 200 200 200 200 403 403 404 403 403
participants:participant_edit           BOTH  in 200 403 200 200 403 403 403 403 404 403 403
participants:stay_add                   BOTH  in 200 403 200 200 200 200 403 403 404 403 403
participants:place_change               BOTH  in 200 403 200 200 403 403 403 403 404 403 403
participants:release_list               GET   in 200 403 200 200 200 200 403 403 404 403 403
participants:release_add                BOTH  in 200 403 200 200 403 403 403 403 404 403 403
participants:release_revoke             BOTH  in 200 403 200 200 403 403 403 403 404 403 403
participants:release_renew              BOTH  in 200 403 200 200 403 403 403 403 404 403 403
participants:release_confirm            BOTH  in 200 403 200 200 403 403 403 403 404 403 403
participants:release_missing_list       BOTH  in 200 403 200 200 200 200 403 403   -   - 403
participants:release_unproven_list      GET   in 200 403 200 200 200 200 403 403   -   - 403
participants:release_ending_list        BOTH  in 200 403 200 200 200 200 403 403   -   - 403
participants:disclosure_record          GET   in 200 403 200 200 403 403 403 403 404 403 403
participants:disclosure_record_export   BOTH  in 200 403 200 200 403 403 403 403 404 403 403
participants:rights_request_open_list   GET   in 200 403 200 200 200 200 403 403   -   - 403
participants:rights_request_list        GET   in 200 403 200 200 403 403 403 403 404 403 403
participants:rights_request_add         BOTH  in 200 403 200 200 403 403 403 403 404 403 403
participants:rights_request_answer      BOTH  in 200 403 200 200 403 403 403 403 404 403 403
participants:rights_request_disagree    BOTH  in 200 403 200 200 403 403 403 403 404 403 403
participants:release_scan               GET   in 403 403 200 200 403 403 403 403 404 403 403
imports:import_list                     GET   in 200 403 403 403 403 403 403 403   -   - 404
imports:import_add                      BOTH  in 200 403 403 403 403 403 403 403   -   - 404
imports:sheet_add                       BOTH  in 200 403 403 403 403 403 403 403   -   - 404
imports:sheet_columns                   BOTH  in 200 403 403 403 403 403 403 403 404 404 404
imports:sheet_words                     BOTH  in 200 403 403 403 403 403 403 403 404 404 404
imports:value_choose                    POST  in 302 403 403 403 403 403 403 403 404 404 404
imports:values_choose                   POST  in 302 403 403 403 403 403 403 403 404 404 404
imports:import_detail                   GET   in 200 403 403 403 403 403 403 403 404 404 404
imports:import_progress                 GET   in 200 403 403 403 403 403 403 403 404 404 404
imports:import_projects                 BOTH  in 200 403 403 403 403 403 403 403 404 404 404
imports:duplicate_decide                POST  in 302 403 403 403 403 403 403 403 404 404 404
imports:duplicates_join                 POST  in 302 403 403 403 403 403 403 403 404 404 404
imports:import_refusals                 GET   in 200 403 403 403 403 403 403 403 404 404 404
imports:import_confirm                  BOTH  in 200 403 403 403 403 403 403 403 404 404 404
imports:import_discard                  POST  in 302 403 403 403 403 403 403 403 404 404 404
imports:import_undo                     BOTH  in 200 403 403 403 403 403 403 403 404 404 404
account_login                           BOTH 200 302 302 302 302 302 302 302 302   -   - 302
mfa_authenticate                        BOTH 302 302 302 302 302 302 302 302 302   -   - 302
mfa_login_webauthn                      GET  302 302 302 302 302 302 302 302 302   -   - 302
account_logout                          BOTH 302 200 200 200 200 200 200 200 200   -   - 200
account_inactive                        GET  200 200 200 200 200 200 200 200 200   -   - 200
account_reauthenticate                  BOTH  in 200 200 200 200 200 200 200 200   -   - 200
mfa_reauthenticate                      BOTH  in 302 302 302 302 302 302 302 302   -   - 302
mfa_reauthenticate_webauthn             BOTH  in 302 302 302 200 302 302 302 302   -   - 302
account_change_password                 BOTH  in 200 200 200 200 200 200 200 200   -   - 200
account_reset_password                  BOTH 200 200 200 200 200 200 200 200 200   -   - 200
account_reset_password_done             GET  200 200 200 200 200 200 200 200 200   -   - 200
account_reset_password_from_key_done    GET  200 200 200 200 200 200 200 200 200   -   - 200
account_reset_password_from_key         BOTH 200 200 200 200 200 200 200 200 200   -   - 200
mfa_index                               GET   in 200 200 200 200 200 200 200 200   -   - 200
mfa_activate_totp                       BOTH  in 200 200 200 200 200 200 200 200   -   - 200
mfa_deactivate_totp                     BOTH  in 404 404 404 404 404 404 404 404   -   - 404
mfa_view_recovery_codes                 GET   in 404 404 404 404 404 404 404 404   -   - 404
mfa_generate_recovery_codes             BOTH  in 200 200 200 200 200 200 200 200   -   - 200
mfa_list_webauthn                       GET   in 200 200 200 200 200 200 200 200   -   - 200
mfa_add_webauthn                        BOTH  in 200 200 200 200 200 200 200 200   -   - 200
mfa_remove_webauthn                     BOTH  in 404 404 404 200 404 404 404 404 404 404 404
mfa_edit_webauthn                       BOTH  in 404 404 404 200 404 404 404 404 404 404 404
usersessions_list                       BOTH  in 200 200 200 200 200 200 200 200   -   - 200
accounts:account                        GET   in 200 200 200 200 200 200 200 200   -   - 200
accounts:name_change                    BOTH  in 200 200 200 200 200 200 200 200   -   - 200
accounts:second_factor_add              GET   in 200 200 200 200 200 200 200 200   -   - 200
accounts:session_ping                   POST  in 204 204 204 204 204 204 204 204   -   - 204
accounts:session_state                  GET   in 200 200 200 200 200 200 200 200   -   - 200
accounts:session_back                   GET   in 200 200 200 200 200 200 200 200   -   - 200
accounts:undo_act                       POST  in 404 404 404 404 404 404 404 404   -   - 404
accounts:draft_key                      POST  in 200 200 200 200 200 200 200 200   -   - 200
accounts:held_form_keep                 POST 400 400 400 400 400 400 400 400 400   -   - 400
accounts:held_form_detail               GET   in 404 404 404 200 404 404 404 404 404 404 404
accounts:held_form_discard              POST  in 404 404 404 302 404 404 404 404 404 404 404
accounts:invitation_accept              BOTH 404 404 404 404 404 404 404 404 404   -   - 404
accounts:invitation_open                GET  302 302 302 302 302 302 302 302 302 302 302 302
agreements:agency_list                  GET   in 200 200 200 200 200 200 200 200   -   - 404
agreements:agency_add                   BOTH  in 403 200 403 403 403 403 403 403   -   - 403
agreements:standing_list                GET   in 200 200 200 200 200 200 200 200   -   - 404
agreements:my_place                     BOTH  in 200 200 200 200 200 200 200 200   -   - 404
agreements:staff_detail                 GET   in 403 200 200 403 403 403 403 403 404 404 404
agreements:staff_edit                   BOTH  in 403 200 200 403 403 403 403 403 404 404 404
agreements:staff_reinvite               BOTH  in 403 200 200 403 403 403 403 403 404 404 404
agreements:staff_restart                BOTH  in 403 200 403 403 403 403 403 403 404 404 404
agreements:staff_move                   BOTH  in 403 200 403 403 403 403 403 403 404 404 404
agreements:staff_end                    BOTH  in 403 200 200 403 403 403 403 403 404 404 404
agreements:team_list                    GET   in 403 200 403 403 403 403 403 403   -   - 403
agreements:team_invite                  BOTH  in 403 200 403 403 403 403 403 403   -   - 403
agreements:team_edit                    BOTH  in 403 200 403 403 403 403 403 403 403 404 403
agreements:team_reinvite                BOTH  in 403 200 403 403 403 403 403 403 403 404 403
agreements:team_restart                 BOTH  in 403 200 403 403 403 403 403 403 403 404 403
agreements:team_end                     BOTH  in 403 200 403 403 403 403 403 403 403 404 403
agreements:form_list                    GET   in 200 200 200 200 200 200 200 200   -   - 404
agreements:form_add                     BOTH  in 403 200 403 403 403 403 403 403   -   - 403
agreements:form_detail                  GET   in 404 200 404 404 404 404 404 404 404 404 404
agreements:form_compare                 GET   in 404 200 404 404 404 404 404 404 404 404 404
agreements:form_edit                    BOTH  in 404 200 404 404 404 404 404 404 404 404 404
agreements:form_discard                 BOTH  in 404 200 404 404 404 404 404 404 404 404 404
agreements:form_publish                 BOTH  in 404 200 404 404 404 404 404 404 404 404 404
agreements:form_postpone                BOTH  in 403 200 403 403 403 403 403 403 404 404 404
agreements:statement_detail             GET   in 200 200 200 200 200 200 200 200   -   - 404
agreements:statement_sign               BOTH  in 200 200 200 200 200 200 200 200   -   - 404
agreements:statement_revoke             BOTH  in 403 200 404 403 404 404 404 404 404 404 404
agreements:statement_download           GET   in 403 200 404 200 404 404 404 404 404 404 404
agreements:agreement_detail             GET   in 200 200 200 200 404 404 404 200 404 404 404
agreements:agreement_countersign        BOTH  in 403 200 403 403 404 404 404 403 404 404 404
agreements:agreement_revoke             BOTH  in 403 200 403 403 404 404 404 403 404 404 404
agreements:agreement_download           GET   in 200 200 200 403 404 404 404 403 404 404 404
agreements:agency_detail                GET   in 200 200 200 200 200 200 200 200 404 404 404
agreements:agency_edit                  BOTH  in 403 200 403 403 403 403 403 403 404 404 404
agreements:staff_invite                 BOTH  in 403 200 200 403 403 403 403 403 404 404 404
agreements:agreement_sign               BOTH  in 403 403 200 403 403 403 403 403 404 404 404
agreements:agreement_upload             BOTH  in 403 200 403 403 403 403 403 403 404 404 404
audit:entry_list                        GET   in 403 200 403 403 403 403 403 403   -   - 403
audit:entry_export                      BOTH  in 403 200 403 403 403 403 403 403   -   - 403
housing:opening_list                    GET  in 200 403 200 200 200 200 403 403   -   - 403
housing:opening_choose                  GET  in 200 403 200 200 200 200 403 403   -   - 403
housing:opening_detail                  GET  in 200 403 200 200 200 200 403 403 404 403 403
housing:opening_edit                    BOTH in 200 403 200 200 403 403 403 403 404 403 403
housing:opening_hold                    BOTH in 200 403 200 200 403 403 403 403 404 403 403
housing:opening_fill                    POST in 302 403 302 302 403 403 403 403 404 403 403
housing:opening_withdraw                POST in 302 403 302 302 403 403 403 403 404 403 403
housing:opening_offer                   POST in 302 403 302 302 403 403 403 403 404 403 403
housing:opening_add                     BOTH in 200 403 200 200 403 403 403 403 404 403 403
housing:program_list                    GET  in 200 403 200 200 200 200 403 403   -   - 403
housing:program_add                     BOTH in 200 403 200 200 200 200 403 403   -   - 403
housing:program_detail                  GET  in 200 403 200 200 200 200 403 403 404 403 403
housing:program_edit                    BOTH in 200 403 200 200 403 403 403 403 404 403 403
housing:program_close                   POST in 302 403 302 302 403 403 403 403 404 403 403
housing:program_reopen                  POST in 302 403 302 302 403 403 403 403 404 403 403
housing:household_openings              GET  in 200 403 200 200 200 200 403 403 404 403 403
housing:answers_edit                    BOTH in 200 403 200 200 403 403 403 403 404 403 403
housing:referral_list                   GET  in 200 403 200 200 200 200 403 403   -   - 403
housing:referral_detail                 GET  in 200 403 200 200 200 200 403 403 404 403 403
housing:referral_add                    BOTH in 200 403 200 200 200 200 403 403 404 403 403
housing:referral_accept                 POST in 302 403 302 302 403 403 403 403 404 403 403
housing:referral_acknowledge            POST in 302 403 302 302 403 403 403 403 404 403 403
housing:referral_enroll                 POST in 302 403 302 302 403 403 403 403 404 403 403
housing:referral_move_in                BOTH in 200 403 200 200 403 403 403 403 404 403 403
housing:referral_household_decline      BOTH in 200 403 200 200 403 403 403 403 404 403 403
housing:referral_program_decline        BOTH in 200 403 200 200 403 403 403 403 404 403 403
housing:referral_appeal                 BOTH in 200 403 200 200 403 403 403 403 404 403 403
housing:referral_withdraw               BOTH in 200 403 200 200 403 403 403 403 404 403 403
housing:referral_rule                   BOTH in 200 403 403 403 403 403 403 403 404 403 403
housing:referral_decide_appeal          BOTH in 200 403 403 403 403 403 403 403 404 403 403
housing:referral_waits                  BOTH in 200 403 403 403 403 403 403 403   -   - 404
housing:reason_list                     BOTH in 200 403 403 403 403 403 403 403   -   - 404
housing:reason_use                      POST in 302 403 403 403 403 403 403 403 404 404 404
housing:opening_households              GET  in 200 403 200 200 200 200 403 403 404 403 403
housing:policy_list                     GET  in 200 403 200 200 200 200 403 403   -   - 403
housing:policy_detail                   GET  in 200 403 200 200 200 200 403 403 404 403 403
housing:policy_draft                    POST in 302 403 403 403 403 403 403 403   -   - 403
housing:policy_edit                     BOTH in 200 403 403 403 403 403 403 403 404 403 403
housing:policy_approve                  BOTH in 200 403 403 403 403 403 403 403 404 403 403
housing:policy_discard                  POST in 302 403 403 403 403 403 403 403 404 403 403
housing:score_add                       BOTH in 200 403 200 200 403 403 403 403 404 403 403
regions:region_list                     GET   in 200 200 200 200 200 200 200 200   -   - 404
regions:continuum_edit                  BOTH  in 200 403 403 403 403 403 403 403   -   - 404
regions:region_add                      BOTH  in 200 403 403 403 403 403 403 403   -   - 404
regions:region_detail                   GET   in 200 200 200 200 200 200 200 200 404 404 404
regions:region_edit                     BOTH  in 200 403 403 403 403 403 403 403 404 404 404
regions:region_move                     POST  in 302 403 403 403 403 403 403 403 404 404 404
regions:criteria_edit                   BOTH  in 200 403 403 403 403 403 403 403 404 404 404
regions:county_add                      BOTH  in 200 403 403 403 403 403 403 403 404 404 404
regions:county_rename                   BOTH  in 200 403 403 403 403 403 403 403 404 404 404
regions:county_remove                   BOTH  in 200 403 403 403 403 403 403 403 404 404 404
"""
# Parts of a page that its script fetches: they stand below that page's own heading.
PARTS = {
    "conferencing:search_typed",
    "conferencing:call_frame",
    "conferencing:call_people",
    "conferencing:call_household",
    "imports:import_progress",
}
# Further questions of one address, each of which answers with other parts of a household.
QUESTIONS = {
    "conferencing:call_household": ["part=steps", "part=given", "part=outcome"],
    "conferencing:call_live": ["v=-1", "v=-1&r={review}"],
    "conferencing:step_list": ["whose=all", "state=closed", "state=all&whose=all"],
    "participants:participant_list": ["status=all", "need=unsheltered"],
} | {
    f"conferencing:several_{act}": ["chosen={household}"]
    for act in ("contact", "navigator", "place", "release", "roster")
}
# Searches: whoever is found is shown.
SEARCHES = {
    "conferencing:search": ["qwertzuiop", "hidden-mn"],
    "conferencing:search_typed": ["qwertzuiop", "hidden-mn"],
    "participants:participant_list": ["qwertzuiop", "hidden-mn", "shared-mn", "confidential-"],
    "conferencing:call_raise": ["qwertzuiop", "hidden-mn", "shared-mn"],
    "conferencing:roster_nominate": ["qwertzuiop", "hidden-mn", "shared-mn"],
    "conferencing:roster_detail": ["qwertzuiop", "hidden-mn", "shared-mn"],
}
ROWS = {}
for line in filter(None, TABLE.splitlines()):
    address, method, *cells = line.split()
    ROWS[address] = (method, dict(zip(COLUMNS, cells, strict=True)))

# Arguments that are no object of a continuum.
FIXED = {
    "conferencing:figures_list": {
        "month": f"{today_in():%Y-%m}",
        "measure": "active",
    },
    "agreements:form_add": {"kind": "agency"},
    "accounts:undo_act": {"pk": "00000000-0000-0000-0000-000000000000"},
    "account_reset_password_from_key": {"uidb36": "1", "key": "no-such-key"},
}


@pytest.fixture(autouse=True)
def _quiet(caplog):
    """Refusals are what is walked for; each would be logged with its trace."""
    caplog.set_level("ERROR", logger="django.request")


def addresses(resolver=None, namespace=""):
    """Every named address of the system, `namespace:name`."""
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLPattern):
            yield namespace + each.name
        else:
            inner = f"{namespace}{each.namespace}:" if each.namespace else namespace
            yield from addresses(each, inner)


def parts_of(*names):
    return {word for name in names for word in (name, *name.split())}


def forbidden_words(world, name, role):
    """What this person may read nowhere.

    `lead` and `provider` read the names of the households that their agency keeps, and of no
    other's; `other` the name of the one that theirs keeps.
    """
    other = world["three" if name == "river" else "river"]
    words = {*other.own_words, *other.aliases, other.password, other.minutes_password}
    if role not in ("lead", "provider"):
        words |= parts_of(HIDDEN, SHARED)
    if role != "other":
        words |= parts_of(ELSEWHERE)
    if role in ("administrator", "lapsed", "unsigned"):
        words |= world[name].aliases
    return words


def everything(world):
    """Every word that is anybody's."""
    words = parts_of(HIDDEN, SHARED, ELSEWHERE)
    for scene in world.values():
        words |= scene.own_words | scene.aliases | {scene.password, scene.minutes_password}
    return words


def walk_as(world, name, role, *, is_recorded=False):
    scene = world[name]
    return Walk(
        signed_in(scene.people[role]),
        forbidden=forbidden_words(world, name, role),
        only_here={
            scene.password: "conferencing:delivery_reveal",
            scene.minutes_password: "conferencing:minutes_reveal",
        },
        people=households_of(scene) if is_recorded else None,
        parts=PARTS,
    )


def households_of(scene):
    return list(Participant.objects.filter(alias__in=scene.aliases))


# What parts of pages may be given, and those of a library that shows its own.
OPTIONAL = {
    "field_label",
    "cancel",
    "submit",
    "tone",
    "authenticators.recovery_codes.get_unused_codes",
    "authenticators.recovery_codes.generate_codes",
}


def walk_all(walk, keys, column):
    keep_watchdog_content()  # a whole walk may take minutes on a busy machine
    for address, (method, cells) in ROWS.items():
        kwargs = keys.get(address, FIXED.get(address, {}))
        if cells[column] != "-":
            walk.row(address, kwargs, method, cells[column])


class Noted(str):
    """What Django shows for a name that no page builder gives; it notes the name."""

    names: set[str]

    def __mod__(self, name):
        self.names.add(str(name))
        return ""


@pytest.fixture(autouse=True)
def nothing_missing(monkeypatch):
    """No page shows nothing where it means to show something.

    A template is silent about a name that is not there: what was renamed on one side alone is gone.
    """
    noted = Noted("%s")
    noted.names = set()
    monkeypatch.setattr(engines["django"].engine, "string_if_invalid", noted)
    yield
    assert noted.names - OPTIONAL == set(), "shown by a template, given by nobody"


@pytest.fixture
def world(request, db):
    """The world, with a household in each continuum that another agency keeps."""
    return make_world(request, is_elsewhere=True)


def test_table_has_a_row_for_every_address_and_no_other():
    assert sorted(ROWS) == sorted(addresses())


@pytest.mark.parametrize(("name", "role"), [(name, role) for name in CAST for role in CAST[name]])
def test_walk_of_ones_own_continuum(world, name, role):
    """Each address: who may, what it says, what it records, where it leads."""
    scene = world[name]
    keep_watchdog_content()
    walk = walk_as(world, name, role, is_recorded=True)
    asked = {
        "review": scene.keys["conferencing:call_household"]["review_pk"],
        "household": scene.keys["participants:participant_detail"]["pk"],
    }
    for address, (method, cells) in ROWS.items():
        kwargs = scene.keys.get(address, FIXED.get(address, {}))
        questions = [each.format(**asked) for each in QUESTIONS.get(address, [])]
        walk.row_in_full(address, kwargs, method, cells[role], questions)
        for text in SEARCHES.get(address, ()) if cells[role] == "200" else ():
            walk.ask(address, kwargs, "POST", data={"q": text, "find": text})
    for address, kwargs in scene.elsewhere_keys.items():
        walk.ask(address, kwargs, "GET", question="")
    pressed = walk.follow_leads()
    assert not walk.faults, "\n".join(sorted(set(walk.faults)))
    assert pressed > 30
    # The walk would find nothing amiss if it saw nobody.
    assert bool(walk.shown) == (role not in ("administrator", "lapsed", "unsigned"))


@pytest.mark.parametrize(("name", "other"), [("river", "three"), ("three", "river")])
@pytest.mark.parametrize(
    ("role", "column"),
    [("specialist", "stranger"), ("administrator", "outsider"), ("provider", "stranger")],
)
def test_walk_of_the_other_continuum(world, name, other, role, column):
    walk = walk_as(world, name, role)
    walk_all(walk, world[other].keys, column)
    assert not walk.faults, "\n".join(walk.faults)


def test_walk_of_a_guest(world):
    """Their first page and their own account; nothing else, whatever others may open there."""
    scene = world["river"]
    guest = CallGuest.objects.get(relation="participant", meeting__continuum__code="MN-502")
    walk = Walk(
        signed_in(guest.user), forbidden=everything(world), people=households_of(scene), parts=PARTS
    )
    seen = {}
    for address, (method, _cells) in ROWS.items():
        kwargs = scene.keys.get(address, FIXED.get(address, {}))
        seen[address] = walk.ask(address, kwargs, "POST" if method == "POST" else "GET")
    opened = {
        address
        for address, answer in seen.items()
        if answer != "404" and not address.startswith(("account", "mfa_", "usersessions_"))
    }
    assert opened == {
        "health_live",
        "health_mail",
        "health_ready",
        "conferencing:glossary",
        "conferencing:home",
        "conferencing:feed_read",
    }
    assert not walk.faults, "\n".join(walk.faults)


def test_walk_of_nobody(world):
    walk = Walk(Client(raise_request_exception=False), forbidden=everything(world), parts=PARTS)
    walk_all(walk, world["river"].keys, "anonymous")
    assert not walk.faults, "\n".join(walk.faults)


def test_walk_of_an_account_without_continuum(world):
    user = User.objects.create_user("new@example.org", name="No Where", password="x" * 20)
    walk = Walk(signed_in(user), forbidden=everything(world), parts=PARTS)
    walk_all(walk, world["river"].keys, "nowhere")
    assert not walk.faults, "\n".join(walk.faults)


def test_reading_a_password_and_exporting_ask_for_proof_first(world):
    people, keys = world["river"].people, world["river"].keys
    client = Client()
    for role, address in [
        ("provider", "conferencing:delivery_reveal"),
        ("specialist", "conferencing:delivery_read_out"),
        ("provider", "conferencing:minutes_reveal"),
        ("specialist", "conferencing:minutes_read_out"),
        ("provider", "conferencing:minutes_export"),
        ("provider", "participants:disclosure_record_export"),
        ("provider", "participants:list_export"),
        ("specialist", "conferencing:to_hmis_take"),
        ("administrator", "audit:entry_export"),
        ("administrator", "participants:deidentify"),
    ]:
        client.force_login(people[role])
        response = client.get(reverse(address, kwargs=keys.get(address)))
        assert (address, response.status_code) == (address, 302)
        assert response["Location"].startswith("/account/confirm/")


def test_a_released_name_is_read_by_the_agency_it_is_released_to(world):
    seen = {}
    for role in CAST["river"]:
        client = signed_in(world["river"].people[role])
        pages = [
            client.get(reverse(address, kwargs=world["river"].keys.get(address)))
            for address in ("participants:participant_list", "participants:release_list")
        ]
        seen[role] = [SHARED in page.content.decode() for page in pages]
    assert seen == {role: [role in ("lead", "provider")] * 2 for role in CAST["river"]}


def test_a_victim_service_providers_household_has_no_field_that_identifies(world):
    people = world["river"].people
    household = Participant.objects.get(alias="Confidential-1")
    own = signed_in(people["vsp"])
    for address in ("participant_edit", "participant_add", "stay_add"):
        kwargs = {} if address == "participant_add" else {"pk": household.pk}
        page = own.get(reverse(f"participants:{address}", kwargs=kwargs)).content.decode()
        assert "<form" in page
        for field in ("name", "birth_date", "contact", "hmis_id", "words"):
            assert f'name="{field}"' not in page
    for role in ("specialist", "lead", "provider", "other"):
        client = signed_in(people[role])
        for address in ("participant_edit", "release_add"):
            url = reverse(f"participants:{address}", args=[household.pk])
            assert (role, client.get(url).status_code) == (role, 403)
        page = client.get(household.get_absolute_url()).content.decode()
        assert (role, "Confidential-1" in page) == (role, True)
