"""The call as it is held, its notes, its guests."""

from django.urls import path

from .views import acts, guests, notes, pages, presenting

urlpatterns = [
    path("meetings/<uuid:pk>/guests/", guests.guest_list, name="guest_list"),
    path("meetings/<uuid:pk>/guests/invite/", guests.guest_invite, name="guest_invite"),
    path(
        "meetings/<uuid:pk>/guests/<uuid:guest_pk>/reinvite/",
        guests.guest_reinvite,
        name="guest_reinvite",
    ),
    path(
        "meetings/<uuid:pk>/guests/<uuid:guest_pk>/withdraw/",
        guests.guest_withdraw,
        name="guest_withdraw",
    ),
    path("meetings/<uuid:pk>/call/", pages.call_detail, name="call_detail"),
    path("meetings/<uuid:pk>/call/begin/", acts.call_begin, name="call_begin"),
    path("meetings/<uuid:pk>/call/live/", pages.call_live, name="call_live"),
    path("meetings/<uuid:pk>/call/agenda/", pages.call_frame, name="call_frame"),
    path("meetings/<uuid:pk>/call/present/", presenting.call_present, name="call_present"),
    path(
        "meetings/<uuid:pk>/call/opening-check/",
        presenting.call_opening_check,
        name="call_opening_check",
    ),
    path("meetings/<uuid:pk>/call/referrals/", pages.call_referrals, name="call_referrals"),
    path("meetings/<uuid:pk>/call/people/", pages.call_people, name="call_people"),
    path("meetings/<uuid:pk>/call/table/", acts.call_table, name="call_table"),
    path("meetings/<uuid:pk>/call/raise/", pages.call_raise, name="call_raise"),
    path("meetings/<uuid:pk>/call/here/", acts.call_attend, name="call_attend"),
    path("meetings/<uuid:pk>/call/stand-in/", acts.call_stand_in, name="call_stand_in"),
    path("meetings/<uuid:pk>/call/hand-back/", acts.call_hand_back, name="call_hand_back"),
    path("meetings/<uuid:pk>/call/walk-in/", pages.call_walk_in, name="call_walk_in"),
    path(
        "meetings/<uuid:pk>/call/people/<uuid:attendance_pk>/tick/",
        acts.call_tick,
        name="call_tick",
    ),
    path("meetings/<uuid:pk>/call/close/", pages.call_close, name="call_close"),
    path(
        "meetings/<uuid:pk>/call/reviews/<uuid:review_pk>/",
        pages.call_household,
        name="call_household",
    ),
    path(
        "meetings/<uuid:pk>/call/reviews/<uuid:review_pk>/save/",
        notes.notes_save,
        name="notes_save",
    ),
    path(
        "meetings/<uuid:pk>/call/reviews/<uuid:review_pk>/history/",
        notes.notes_history,
        name="notes_history",
    ),
    path(
        "meetings/<uuid:pk>/call/reviews/<uuid:review_pk>/discuss/",
        acts.call_discuss,
        name="call_discuss",
    ),
    path(
        "meetings/<uuid:pk>/call/reviews/<uuid:review_pk>/refer/",
        acts.call_refer,
        name="call_refer",
    ),
    path(
        "meetings/<uuid:pk>/call/reviews/<uuid:review_pk>/reopen/",
        acts.call_reopen,
        name="call_reopen",
    ),
    path(
        "meetings/<uuid:pk>/call/reviews/<uuid:review_pk>/carry-over/",
        acts.call_carry_over,
        name="call_carry_over",
    ),
    path(
        "meetings/<uuid:pk>/call/nothing-to-discuss/",
        acts.call_nothing_to_discuss,
        name="call_nothing_to_discuss",
    ),
    path(
        "meetings/<uuid:pk>/call/reviews/<uuid:review_pk>/discuss-after-all/",
        acts.call_discuss_after_all,
        name="call_discuss_after_all",
    ),
    path(
        "meetings/<uuid:pk>/call/reviews/<uuid:review_pk>/order/",
        acts.call_order,
        name="call_order",
    ),
    path(
        "meetings/<uuid:pk>/call/reviews/<uuid:review_pk>/steps/add/",
        notes.step_add,
        name="step_add",
    ),
    path(
        "meetings/<uuid:pk>/call/undo/<uuid:undo_pk>/",
        acts.call_undo_act,
        name="call_undo_act",
    ),
    path("meetings/<uuid:pk>/call/keys/", acts.call_keys, name="call_keys"),
    path("meetings/<uuid:pk>/call/guest/", pages.call_guest, name="call_guest"),
    path(
        "meetings/<uuid:pk>/call/guests/<uuid:guest_pk>/safety/",
        acts.call_guest_safety,
        name="call_guest_safety",
    ),
    path(
        "meetings/<uuid:pk>/call/prework/<uuid:prework_pk>/accept/",
        notes.prework_accept,
        name="prework_accept",
    ),
    path(
        "meetings/<uuid:pk>/call/steps/<uuid:step_pk>/report/",
        notes.call_report,
        name="call_report",
    ),
    path(
        "meetings/<uuid:pk>/call/steps/<uuid:step_pk>/remove/",
        notes.step_remove,
        name="step_remove",
    ),
]
