"""Programs, openings, and what is open for a household."""

from django.urls import path

from .referrals import views as referrals
from .views import households, openings, policies, programs

app_name = "housing"

urlpatterns = [
    path("openings/", openings.opening_list, name="opening_list"),
    path("openings/add/", openings.opening_choose, name="opening_choose"),
    path("openings/<uuid:pk>/", openings.opening_detail, name="opening_detail"),
    path("openings/<uuid:pk>/edit/", openings.opening_edit, name="opening_edit"),
    path("openings/<uuid:pk>/fill/", openings.opening_fill, name="opening_fill"),
    path("openings/<uuid:pk>/hold/", openings.opening_hold, name="opening_hold"),
    path("openings/<uuid:pk>/withdraw/", openings.opening_withdraw, name="opening_withdraw"),
    path("openings/<uuid:pk>/offer/", openings.opening_offer, name="opening_offer"),
    path("programs/", programs.program_list, name="program_list"),
    path("programs/add/", programs.program_add, name="program_add"),
    path("programs/<uuid:pk>/", programs.program_detail, name="program_detail"),
    path("programs/<uuid:pk>/edit/", programs.program_edit, name="program_edit"),
    path("programs/<uuid:pk>/close/", programs.program_close, name="program_close"),
    path("programs/<uuid:pk>/reopen/", programs.program_reopen, name="program_reopen"),
    path("programs/<uuid:pk>/openings/add/", openings.opening_add, name="opening_add"),
    path(
        "participants/<uuid:pk>/openings/", households.household_openings, name="household_openings"
    ),
    path("participants/<uuid:pk>/openings/answers/", households.answers_edit, name="answers_edit"),
    path("referrals/", referrals.referral_list, name="referral_list"),
    path("referrals/<uuid:pk>/", referrals.referral_detail, name="referral_detail"),
    path(
        "participants/<uuid:pk>/openings/<uuid:opening_pk>/refer/",
        referrals.referral_add,
        name="referral_add",
    ),
    path("referrals/<uuid:pk>/accept/", referrals.referral_accept, name="referral_accept"),
    path(
        "referrals/<uuid:pk>/acknowledge/",
        referrals.referral_acknowledge,
        name="referral_acknowledge",
    ),
    path("referrals/<uuid:pk>/enroll/", referrals.referral_enroll, name="referral_enroll"),
    path("referrals/<uuid:pk>/move-in/", referrals.referral_move_in, name="referral_move_in"),
    path(
        "referrals/<uuid:pk>/household-decline/",
        referrals.referral_household_decline,
        name="referral_household_decline",
    ),
    path(
        "referrals/<uuid:pk>/program-decline/",
        referrals.referral_program_decline,
        name="referral_program_decline",
    ),
    path("referrals/<uuid:pk>/rule/", referrals.referral_rule, name="referral_rule"),
    path("referrals/<uuid:pk>/appeal/", referrals.referral_appeal, name="referral_appeal"),
    path(
        "referrals/<uuid:pk>/decide-appeal/",
        referrals.referral_decide_appeal,
        name="referral_decide_appeal",
    ),
    path("referrals/<uuid:pk>/withdraw/", referrals.referral_withdraw, name="referral_withdraw"),
    path("set-up/referral-waits/", referrals.referral_waits, name="referral_waits"),
    path("set-up/decline-reasons/", referrals.reason_list, name="reason_list"),
    path("set-up/decline-reasons/<uuid:pk>/use/", referrals.reason_use, name="reason_use"),
    path("openings/<uuid:pk>/households/", openings.opening_households, name="opening_households"),
    path("policy/", policies.policy_list, name="policy_list"),
    path("policy/draft/", policies.policy_draft, name="policy_draft"),
    path("policy/<uuid:pk>/", policies.policy_detail, name="policy_detail"),
    path("policy/<uuid:pk>/edit/", policies.policy_edit, name="policy_edit"),
    path("policy/<uuid:pk>/approve/", policies.policy_approve, name="policy_approve"),
    path("policy/<uuid:pk>/discard/", policies.policy_discard, name="policy_discard"),
    path("participants/<uuid:pk>/openings/score/", households.score_add, name="score_add"),
]
