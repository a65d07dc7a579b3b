"""Meetings, rosters, lists."""

from django.urls import path

from conferencing.views import feed, home, lists, meetings, reviews, roles, roster, rules, set_up

app_name = "conferencing"

urlpatterns = [
    path("", home.home, name="home"),
    path(
        "participants/<uuid:pk>/reviews/",
        reviews.participant_reviews,
        name="participant_reviews",
    ),
    path("meetings/", meetings.meeting_list, name="meeting_list"),
    path("meetings/plan/", meetings.year_plan, name="year_plan"),
    path("meetings/add/", meetings.meeting_add, name="meeting_add"),
    path("meetings/<uuid:pk>/", meetings.meeting_detail, name="meeting_detail"),
    path("meetings/<uuid:pk>/move/", meetings.meeting_move, name="meeting_move"),
    path("meetings/<uuid:pk>/cancel/", meetings.meeting_cancel, name="meeting_cancel"),
    path("meetings/<uuid:pk>/restore/", meetings.meeting_restore, name="meeting_restore"),
    path("meetings/<uuid:pk>/link/", meetings.meeting_link, name="meeting_link"),
    path("meetings/<uuid:pk>/roles/<slug:name>/", roles.role_change, name="role_change"),
    path("roles/", roles.role_list, name="role_list"),
    path("roles/<uuid:pk>/person/", roles.role_name_person, name="role_name_person"),
    path("account/calendar/", feed.feed_detail, name="feed_detail"),
    path("account/calendar/make/", feed.feed_make, name="feed_make"),
    path("account/calendar/revoke/", feed.feed_revoke, name="feed_revoke"),
    path("set-up/regions/<uuid:pk>/rule/", rules.rule_edit, name="rule_edit"),
    path("set-up/regions/<uuid:pk>/rule/remove/", rules.rule_remove, name="rule_remove"),
    path("set-up/coc-wide-rule/", rules.coc_wide_rule_edit, name="coc_wide_rule_edit"),
    path("set-up/coc-wide-rule/remove/", rules.coc_wide_rule_remove, name="coc_wide_rule_remove"),
    path("set-up/lead-days/", set_up.lead_days_edit, name="lead_days_edit"),
    path("set-up/counties/<uuid:pk>/move/", set_up.county_move, name="county_move"),
    path("calendar/<str:token>.ics", feed.feed_read, name="feed_read"),
    path("meetings/<uuid:pk>/roster/", roster.roster_detail, name="roster_detail"),
    path("meetings/<uuid:pk>/roster/open/", roster.roster_open, name="roster_open"),
    path("meetings/<uuid:pk>/roster/add/", roster.roster_add, name="roster_add"),
    path("meetings/<uuid:pk>/roster/propose/", roster.roster_propose, name="roster_propose"),
    path("meetings/<uuid:pk>/roster/settle/", roster.roster_settle, name="roster_settle"),
    path("meetings/<uuid:pk>/roster/unsettle/", roster.roster_unsettle, name="roster_unsettle"),
    path("meetings/<uuid:pk>/roster/nominate/", roster.roster_nominate, name="roster_nominate"),
    path(
        "meetings/<uuid:pk>/roster/nominations/<uuid:nomination_pk>/withdraw/",
        roster.roster_withdraw,
        name="roster_withdraw",
    ),
    path("meetings/<uuid:pk>/roster/<uuid:entry_pk>/move/", roster.roster_move, name="roster_move"),
    path(
        "meetings/<uuid:pk>/roster/<uuid:entry_pk>/remove/",
        roster.roster_remove,
        name="roster_remove",
    ),
    path("meetings/<uuid:pk>/list/", lists.list_detail, name="list_detail"),
    path("meetings/<uuid:pk>/list/send/", lists.list_send, name="list_send"),
    path("meetings/<uuid:pk>/list/correct/", lists.list_correct, name="list_correct"),
    path("meetings/<uuid:pk>/list/hold/", lists.list_hold, name="list_hold"),
    path("meetings/<uuid:pk>/list/release/", lists.list_release, name="list_release"),
    path("lists/<uuid:pk>/", lists.delivery_reveal, name="delivery_reveal"),
    path("lists/<uuid:pk>/again/", lists.delivery_again, name="delivery_again"),
    path("lists/<uuid:pk>/read-out/", lists.delivery_read_out, name="delivery_read_out"),
]
