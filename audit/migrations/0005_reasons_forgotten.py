"""Let the reason of an entry be taken out when a record is de-identified, and then alone.

The entry, its digest of the reason and the chain stay. The database takes a reason out only where
an entry of the chain, which nobody can change, says that it was taken out.
"""

from django.db import migrations, models

REFUSE = """
CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql {path} AS $$
BEGIN
    -- Test databases are emptied between tests; they set this for themselves.
    IF TG_OP = 'TRUNCATE' AND current_setting('audit.may_empty', true) = 'on' THEN
        RETURN NULL;
    END IF;
    -- Key rotation encrypts the reason again. Its digest, and with it the hash, stays;
    -- verify_audit opens the reason and compares.
    IF TG_OP = 'UPDATE' AND current_setting('vault.rotating', true) = 'on' THEN
        IF OLD.reason IS NOT NULL AND NEW.reason IS NOT NULL
           AND to_jsonb(OLD) - 'reason' = to_jsonb(NEW) - 'reason' THEN
            RETURN NEW;
        END IF;
    END IF;
{more}    RAISE EXCEPTION 'The audit is append-only: % on % is refused.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
"""
FORGOTTEN = """    -- De-identification takes a reason out, and says so in the chain first.
    IF TG_OP = 'UPDATE' THEN
        IF OLD.reason IS NOT NULL AND NEW.reason IS NULL
           AND to_jsonb(OLD) - 'reason' = to_jsonb(NEW) - 'reason'
           AND EXISTS (
               SELECT FROM audit_auditentry
               WHERE action = 'audit.reasons_removed'
                 AND detail @> jsonb_build_object('entries', jsonb_build_array(OLD.sequence))
           ) THEN
            RETURN NEW;
        END IF;
    END IF;
"""
FORGET = """
-- The application's role may not change entries; it may ask for this, within the trigger's rule.
CREATE FUNCTION audit_forget_reasons(numbers bigint[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    emptied bigint;
BEGIN
    UPDATE audit_auditentry SET reason = NULL
    WHERE sequence = ANY (numbers) AND reason IS NOT NULL;
    GET DIAGNOSTICS emptied = ROW_COUNT;
    RETURN emptied;
END $$;
"""
NARROW = (
    "(reason IS NULL AND reason_digest IS NULL) OR (reason IS NOT NULL AND reason_digest IS NOT NULL)"
)


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_numbers_from_one")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveConstraint("auditentry", "audit_reason_has_its_digest"),
                migrations.AddConstraint(
                    "auditentry",
                    models.CheckConstraint(
                        condition=models.Q(reason__isnull=True)
                        | models.Q(reason_digest__isnull=False),
                        name="audit_reason_has_its_digest",
                    ),
                ),
            ],
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE audit_auditentry DROP CONSTRAINT audit_reason_has_its_digest;"
                    "ALTER TABLE audit_auditentry ADD CONSTRAINT audit_reason_has_its_digest"
                    " CHECK (reason IS NULL OR reason_digest IS NOT NULL);",
                    # What was taken out does not come back: not asked of the entries that are there.
                    "ALTER TABLE audit_auditentry DROP CONSTRAINT audit_reason_has_its_digest;"
                    "ALTER TABLE audit_auditentry ADD CONSTRAINT audit_reason_has_its_digest"
                    f" CHECK ({NARROW}) NOT VALID;",
                )
            ],
        ),
        migrations.RunSQL(
            REFUSE.format(path="SET search_path = public, pg_temp", more=FORGOTTEN),
            REFUSE.format(path="", more=""),
        ),
        migrations.RunSQL(FORGET, "DROP FUNCTION audit_forget_reasons(bigint[]);"),
    ]
