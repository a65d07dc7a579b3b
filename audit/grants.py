"""What the application's database role may do: everything its work needs, and nothing to the past.

The owner of the tables runs migrations and key rotation; the role of the running system reads and
writes rows, adds to the audit and to history, and can change or delete nothing of either. What
de-identification takes out of them, two functions do for it, within the rules of migrations
`audit.0005_reasons_forgotten` and `audit.0006_history_rewritten`.
"""

from django.db import connection

ROWS = "SELECT, INSERT, UPDATE, DELETE"
ADDED_TO = "SELECT, INSERT"
READ = "SELECT"
SPECIAL = {
    "audit_auditentry": ADDED_TO,
    "audit_chainhead": "SELECT, INSERT, UPDATE",
    # Written by `_pgh_attach_context`, as its owner.
    "pghistory_context": READ,
    "django_migrations": READ,
}
FUNCTIONS = (
    "audit_forget_reasons(bigint[])",
    "history_rewrite(text, bigint, jsonb)",
    "_pgh_attach_context()",
)


def tables() -> dict[str, str]:
    """`{table: what the role may do}` of every table that there is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid"
            " AND a.attname = 'pgh_obj_id') FROM pg_class c"
            " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"
            " ORDER BY c.relname"
        )
        found = cursor.fetchall()
    return {name: SPECIAL.get(name, ADDED_TO if is_history else ROWS) for name, is_history in found}


def statements(role: str) -> list[str]:
    """The statements that give `role` its rights, and take what it had besides."""
    quote = connection.ops.quote_name
    to = quote(role)
    return [
        f"GRANT USAGE ON SCHEMA public TO {to}",
        f"REVOKE CREATE ON SCHEMA public FROM {to}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {to}",
        *(f"GRANT {rights} ON {quote(name)} TO {to}" for name, rights in tables().items()),
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {to}",
        "ALTER FUNCTION _pgh_attach_context() SECURITY DEFINER SET search_path = public, pg_temp",
        *(f"REVOKE EXECUTE ON FUNCTION {each} FROM PUBLIC" for each in FUNCTIONS),
        *(f"GRANT EXECUTE ON FUNCTION {each} TO {to}" for each in FUNCTIONS),
    ]


def problem_with(role: str) -> str:
    """Why the rights would hold nothing back from `role`, in words, or nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid"
            " AND relnamespace = 'public'::regnamespace) FROM pg_roles WHERE rolname = %s",
            [role],
        )
        found = cursor.fetchone()
    if found is None:
        return f"There is no database role {role}. Make it first: CREATE ROLE … LOGIN PASSWORD …"
    is_superuser, is_owner = found
    if is_superuser:
        return f"{role} is a superuser: nothing can be kept from it."
    if is_owner:
        return f"{role} owns tables here: it could give itself any right. Use another role."
    return ""
