from django.apps import AppConfig
from django.db.backends.signals import connection_created


class ConferencingConfig(AppConfig):
    name = "conferencing"

    def ready(self) -> None:
        import agreements.leaving
        from accounts import undo
        from audit import readers
        from conferencing import minutes
        from conferencing.call import guests, nothing
        from conferencing.call import undo as call_undo
        from conferencing.careful_words import hints
        from conferencing.config import database_limits
        from conferencing.nothing_to_discuss import acts as nothing_to_discuss
        from conferencing.prep_lists import acts as prep_lists
        from conferencing.prep_lists import deliveries, reminders, unopened
        from conferencing.prep_lists.deliveries import PREP_LIST
        from conferencing.roster import moving_on, nominations
        from conferencing.roster import undo as roster_undo
        from conferencing.rotation import roles
        from conferencing.schedule import closed_days, counties, invitations, rules, years
        from conferencing.steps import reminders as step_reminders
        from conferencing.to_hmis import acts as to_hmis
        from conferencing.upkeep import (
            disclosures,
            leaving,
            merging,
            retention,
            returned_mail,
        )
        from outbox import kinds, ticks
        from participants import careful

        for kind in leaving.KINDS:
            agreements.leaving.register(kind)
        for each in (disclosures, merging, retention, to_hmis):
            each.register()
        careful.register(hints)
        readers.register_names(disclosures.meetings_called)
        connection_created.connect(
            database_limits.limit_connection, dispatch_uid="conferencing.database_limits"
        )
        PREP_LIST.register(on_late=deliveries.tell_late)
        minutes.MINUTES.register()
        kinds.register(
            invitations.KIND,
            prepare=invitations.prepare_invitation,
            on_withheld=invitations.forget_withheld,
        )
        kinds.register(invitations.MOVED_KIND, prepare=invitations.prepare_farewell)
        kinds.register_answers(returned_mail.specialists)
        kinds.register_returned(returned_mail.tell_specialists)
        kinds.register(step_reminders.REMINDER_KIND, prepare=step_reminders.prepare_step_reminder)
        kinds.register(step_reminders.LEAD_KIND, prepare=step_reminders.prepare_steps_unreported)
        kinds.register(
            step_reminders.SPECIALIST_KIND, prepare=step_reminders.prepare_steps_unreported_week
        )
        kinds.register(unopened.KIND, prepare=unopened.prepare_reminder)
        kinds.register(minutes.STEPS_KIND, prepare=minutes.prepare_new_steps)
        kinds.register(guests.KIND, prepare=guests.prepare_guest)
        undo.register(call_undo.AGENDA, call_undo.undo_agenda)
        undo.register(call_undo.STEP, call_undo.undo_step)
        undo.register(closed_days.KIND, closed_days.undo_closed_day)
        undo.register(counties.MOVED, counties.undo_move)
        undo.register(guests.UNDO, guests.undo_withdrawal, gives_access=True)
        undo.register(nominations.WITHDRAWN, nominations.undo_withdrawal)
        undo.register(nothing_to_discuss.UNDO, nothing_to_discuss.undo_pull_back)
        undo.register(nothing.UNDO, nothing.undo_confirmed)
        undo.register(moving_on.KIND, moving_on.undo_moved_on)
        undo.register(roster_undo.KIND, roster_undo.undo_roster)
        undo.register(rules.KIND, rules.undo_rule)
        ticks.register("plan-years", years.plan_due_years)
        ticks.register("assign-roles", roles.assign_due_roles)
        ticks.register("pull-back-changed", nothing_to_discuss.pull_back_due)
        ticks.register("reopen-changed", nothing.reopen_changed_due)
        ticks.register("freeze-lists", prep_lists.freeze_due_lists)
        ticks.register("warn-before-lists", reminders.warn_before_lists)
        ticks.register("tell-late-lists", reminders.tell_late_lists)
        ticks.register("remind-of-lists", unopened.remind_unopened)
        ticks.register("invite", invitations.invite_due)
        ticks.register("remind-of-steps", step_reminders.remind_of_steps)
        ticks.register("tell-unreported-steps", step_reminders.tell_unreported_steps)
        ticks.register("tell-guests", guests.tell_guests)
