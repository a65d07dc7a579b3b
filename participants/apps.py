from django.apps import AppConfig


class ParticipantsConfig(AppConfig):
    name = "participants"

    def ready(self):
        from accounts import undo
        from audit import readers
        from outbox import kinds, ticks
        from participants.merges import pairs
        from participants.services import contacts, inactivity, saved_views
        from vault.rotation import add_place

        from . import known_names, own_words, page_names, texts
        from .hmis import services as hmis
        from .hmis import tasks  # noqa: F401 (a worker finds them only in an app's own tasks.py)

        readers.read_with(texts.reader)
        readers.typed_by(own_words.note_typed)
        readers.guests_by(texts.guests_alone)
        readers.pages_called(page_names.PAGES)
        undo.register(saved_views.KIND, saved_views.undo_removal)
        undo.register(contacts.REMOVAL, contacts.undo_removal)
        undo.register(pairs.DECISION, pairs.undo_decision)
        add_place(
            "participants.KnownName.token", count=known_names.count, rotate=known_names.rotate
        )
        kinds.register(inactivity.KIND, prepare=inactivity.prepare_inactivity_warning)
        ticks.register("find-duplicates", pairs.find_due)
        ticks.register("warn-of-inactivity", inactivity.warn_of_inactivity)
        ticks.register("mind-imports", hmis.mind_imports)
