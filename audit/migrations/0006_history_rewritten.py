"""Let history be emptied when a record is de-identified, row by row, and each time on record.

The application's role may add to history and read it, no more. This function changes a row for it,
where an entry of the chain, which nobody can change, names the very row.
"""

from django.db import migrations

REWRITE = """
CREATE FUNCTION history_rewrite(event_table text, event bigint, changes jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    names text;
BEGIN
    IF NOT EXISTS (
        SELECT FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name = event_table AND column_name = 'pgh_obj_id'
    ) THEN
        RAISE EXCEPTION 'There is no history called %.', event_table
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NOT EXISTS (
        SELECT FROM audit_auditentry
        WHERE action = 'history.rewritten'
          AND detail @> jsonb_build_object('table', event_table, 'events', jsonb_build_array(event))
    ) THEN
        RAISE EXCEPTION 'The audit does not say that row % of % is rewritten.', event, event_table
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT string_agg(format('%I', key), ', ') INTO names
    FROM jsonb_object_keys(changes) AS key WHERE key NOT LIKE 'pgh%';
    IF names IS NULL THEN
        RETURN;
    END IF;
    EXECUTE format(
        'UPDATE %1$I SET (%2$s) = (SELECT %2$s FROM jsonb_populate_record(NULL::%1$I, $1))'
        ' WHERE pgh_id = $2',
        event_table, names
    ) USING changes, event;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0005_reasons_forgotten")]

    operations = [
        migrations.RunSQL(REWRITE, "DROP FUNCTION history_rewrite(text, bigint, jsonb);")
    ]
