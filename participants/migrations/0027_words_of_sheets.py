"""What is remembered of headings and words of a sheet is no text that tells of anybody."""

import hashlib

from django.db import migrations


def digest(text):
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:32]


def keep_digests(apps, schema_editor):
    for source in apps.get_model("participants", "SheetSource").objects.iterator():
        source.column_meanings = {
            digest(heading): key for heading, key in source.column_meanings.items()
        }
        source.word_meanings = {
            kind: {digest(word): choice for word, choice in words.items()}
            for kind, words in (source.word_meanings or {}).items()
        }
        source.save(update_fields=["column_meanings", "word_meanings"])


class Migration(migrations.Migration):

    dependencies = [("participants", "0026_returned_lists")]

    operations = [migrations.RunPython(keep_digests, migrations.RunPython.noop)]
