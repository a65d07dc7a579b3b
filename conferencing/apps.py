from django.apps import AppConfig


class ConferencingConfig(AppConfig):
    name = "conferencing"

    def ready(self):
        from conferencing.services.meetings import plan_due_years
        from outbox import ticks

        ticks.register("plan-years", plan_due_years)
