from django.apps import AppConfig


class RegionsConfig(AppConfig):
    name = "regions"

    def ready(self) -> None:
        from accounts import undo as offers

        from . import typed_days, undo

        typed_days.register()
        offers.register(undo.ORDER, undo.undo_order)
        offers.register(undo.COUNTY, undo.undo_county)
        offers.register(undo.CRITERIA, undo.undo_criteria)
