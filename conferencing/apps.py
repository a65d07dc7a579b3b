from django.apps import AppConfig


class ConferencingConfig(AppConfig):
    name = "conferencing"

    def ready(self):
        from conferencing.services.meetings import plan_due_years
        from conferencing.services.roles import assign_due_roles
        from outbox import ticks

        ticks.register("plan-years", plan_due_years)
        ticks.register("assign-roles", assign_due_roles)
