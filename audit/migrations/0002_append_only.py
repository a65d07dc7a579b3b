"""Hold the audit append-only in the database itself.

Plain triggers rather than django-pgtrigger's: those can be switched off by a session variable.
`ENABLE ALWAYS` keeps them on under `session_replication_role = replica` too.
"""

from django.db import migrations

SQL = """
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
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
    RAISE EXCEPTION 'The audit is append-only: % on % is refused.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit_auditentry
    FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_head_stays BEFORE DELETE ON audit_chainhead
    FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_head_no_truncate BEFORE TRUNCATE ON audit_chainhead
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
ALTER TABLE audit_auditentry ENABLE ALWAYS TRIGGER audit_append_only;
ALTER TABLE audit_auditentry ENABLE ALWAYS TRIGGER audit_no_truncate;
ALTER TABLE audit_chainhead ENABLE ALWAYS TRIGGER audit_head_stays;
ALTER TABLE audit_chainhead ENABLE ALWAYS TRIGGER audit_head_no_truncate;
"""

BACK = """
DROP TRIGGER audit_append_only ON audit_auditentry;
DROP TRIGGER audit_no_truncate ON audit_auditentry;
DROP TRIGGER audit_head_stays ON audit_chainhead;
DROP TRIGGER audit_head_no_truncate ON audit_chainhead;
DROP FUNCTION audit_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [migrations.RunSQL(SQL, BACK)]
