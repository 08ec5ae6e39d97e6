"""Start-up check: a process refuses to run with a database role that may do more than it should."""

from sqlalchemy import text

from plantwright.core.database import Database
from plantwright.core.errors import ConfigurationError
from plantwright.core.settings import DatabaseRole

_ROLE = text("""
    SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication,
           EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                   WHERE c.relowner = r.oid AND n.nspname = 'public') AS owns_tables
    FROM pg_roles r WHERE rolname = current_user""")

# What a right on a table or on one of its columns would open. Column rights do not show in table_privileges.
_INGEST_EXTRA = text("""
    SELECT c.relname || ': ' || p.name
    FROM pg_class c CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS p (name)
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
      AND NOT (c.relname IN ('segment', 'ingest_batch') AND p.name = 'INSERT')
      AND CASE WHEN p.name IN ('DELETE', 'TRUNCATE') THEN has_table_privilege(c.oid, p.name)
               ELSE has_any_column_privilege(c.oid, p.name) END
    ORDER BY 1 LIMIT 1""")

# Nobody but the owner may change what the journal holds.
_JOURNAL_EXTRA = text("""
    SELECT 'audit_record: ' || p.name FROM unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) AS p (name)
    WHERE has_table_privilege(to_regclass('public.audit_record'), p.name) ORDER BY 1 LIMIT 1""")

_MEMBERSHIPS = text("""
    SELECT 'member of ' || rolname FROM pg_roles
    WHERE rolname <> current_user AND pg_has_role(current_user, oid, 'MEMBER') ORDER BY 1 LIMIT 1""")


async def check_role(database: Database, role: DatabaseRole) -> None:
    """
    Raises:
        ConfigurationError: the role is too powerful; says which right must go.
    """
    async with database.engine.connect() as connection:
        row = (await connection.execute(_ROLE)).mappings().one()
        queries = (_JOURNAL_EXTRA, _MEMBERSHIPS, *((_INGEST_EXTRA,) if role == "ingest" else ()))
        extra = [(await connection.execute(query)).scalar_one_or_none() for query in queries]
    excess = [right for right in ("rolsuper", "rolcreaterole", "rolcreatedb", "rolreplication") if row[right]]
    if row["rolbypassrls"] and role != "ingest":
        excess.append("rolbypassrls")
    if row["owns_tables"]:
        excess.append("owns tables")
    excess += [right for right in extra if right is not None]
    if excess:
        raise ConfigurationError(
            f"The database role {row['rolname']} may do more than the {role} process should ({', '.join(excess)}). "
            f"Use the role that `plantwright migrate` made, or revoke these rights."
        )
