"""Calls, rules, closed days, feeds."""

from django.urls import path

from .views import feed, meetings, rules, set_up

urlpatterns = [
    path("meetings/", meetings.meeting_list, name="meeting_list"),
    path("meetings/plan/", meetings.year_plan, name="year_plan"),
    path("meetings/closed-days/", meetings.clash_move, name="clash_move"),
    path("meetings/add/", meetings.meeting_add, name="meeting_add"),
    path("meetings/<uuid:pk>/", meetings.meeting_detail, name="meeting_detail"),
    path("meetings/<uuid:pk>/move/", meetings.meeting_move, name="meeting_move"),
    path("meetings/<uuid:pk>/cancel/", meetings.meeting_cancel, name="meeting_cancel"),
    path("meetings/<uuid:pk>/restore/", meetings.meeting_restore, name="meeting_restore"),
    path("meetings/<uuid:pk>/link/", meetings.meeting_link, name="meeting_link"),
    path("account/calendar/", feed.feed_detail, name="feed_detail"),
    path("account/calendar/make/", feed.feed_make, name="feed_make"),
    path("account/calendar/revoke/", feed.feed_revoke, name="feed_revoke"),
    path("set-up/regions/<uuid:pk>/rule/", rules.rule_edit, name="rule_edit"),
    path("set-up/regions/<uuid:pk>/rule/remove/", rules.rule_remove, name="rule_remove"),
    path("set-up/coc-wide-rule/", rules.coc_wide_rule_edit, name="coc_wide_rule_edit"),
    path("set-up/coc-wide-rule/remove/", rules.coc_wide_rule_remove, name="coc_wide_rule_remove"),
    path("set-up/lead-days/", set_up.lead_days_edit, name="lead_days_edit"),
    path("set-up/closed-days/", set_up.closed_day_list, name="closed_day_list"),
    path("set-up/closed-days/add/", set_up.closed_day_add, name="closed_day_add"),
    path(
        "set-up/closed-days/<slug:key>/remove/",
        set_up.closed_day_remove,
        name="closed_day_remove",
    ),
    path("set-up/guests/", set_up.guest_sight_edit, name="guest_sight_edit"),
    path("set-up/minutes/", set_up.minutes_choice_edit, name="minutes_choice_edit"),
    path("set-up/counties/<uuid:pk>/move/", set_up.county_move, name="county_move"),
    path("calendar/<str:token>.ics", feed.feed_read, name="feed_read"),
]
