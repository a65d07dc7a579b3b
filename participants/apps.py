from django.apps import AppConfig


class ParticipantsConfig(AppConfig):
    name = "participants"

    def ready(self) -> None:
        from accounts import undo
        from audit import readers
        from outbox import kinds, ticks
        from participants.households import members
        from participants.merges import own_rows, pairs
        from participants.returned import acts as returned
        from participants.services import contacts, emptied_rows, inactivity, saved_views
        from participants.spreadsheets import services as spreadsheets
        from vault.rotation import register

        from . import known_names, own_words, page_names, texts, youth
        from .hmis import services as hmis
        from .hmis import tasks  # noqa: F401 (a worker finds them only in an app's own tasks.py)

        own_rows.register()
        spreadsheets.register()
        emptied_rows.register()
        readers.register_reader(texts.reader)
        readers.register_noter(own_words.note_typed)
        readers.register_guests(texts.guests_alone)
        readers.register_pages(page_names.PAGES)
        undo.register(saved_views.KIND, saved_views.undo_removal)
        undo.register(contacts.REMOVAL, contacts.undo_removal)
        undo.register(members.REMOVAL, members.undo_removal)
        undo.register(pairs.DECISION, pairs.undo_decision)
        register("participants.KnownName.token", count=known_names.count, rotate=known_names.rotate)
        kinds.register(inactivity.KIND, prepare=inactivity.prepare_inactivity_warning)
        ticks.register("find-duplicates", pairs.find_due)
        ticks.register("follow-birthdays", youth.follow_birthdays)
        ticks.register("warn-of-inactivity", inactivity.warn_of_inactivity)
        ticks.register("forget-returned-lists", returned.forget_returned)
        ticks.register("mind-imports", hmis.mind_imports)
