"""Who typed each name, as the audit knows it; nobody where a file may have told it since."""

from django.db import migrations

CARRY_OVER = """
    UPDATE participants_participant AS person SET named_by_id = said.actor_id
      FROM (
        SELECT DISTINCT ON (object_id) object_id, actor_id FROM audit_auditentry
         WHERE action = 'participant.added'
            OR (action = 'participant.changed' AND detail -> 'fields' @> '"name"')
         ORDER BY object_id, sequence DESC
      ) AS said
     WHERE said.object_id = person.id::text
       AND person.name IS NOT NULL AND person.former_names IS NULL
       AND NOT EXISTS (
         SELECT 1 FROM participants_hmisrecord WHERE participant_id = person.id)
       AND EXISTS (SELECT 1 FROM accounts_user WHERE id = said.actor_id)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("participants", "0007_named_by"),
        ("audit", "0003_find_by_detail"),
    ]

    operations = [migrations.RunSQL(CARRY_OVER, migrations.RunSQL.noop)]
