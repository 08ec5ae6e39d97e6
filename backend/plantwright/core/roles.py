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

_INGEST_EXTRA = text("""
    SELECT table_name || ': ' || privilege_type FROM information_schema.table_privileges
    WHERE grantee = current_user AND table_schema = 'public'
      AND NOT (table_name IN ('segment', 'ingest_batch') AND privilege_type = 'INSERT')
    ORDER BY 1 LIMIT 1""")


async def check_role(database: Database, role: DatabaseRole) -> None:
    """
    Raises:
        ConfigurationError: the role is too powerful; says which right must go.
    """
    async with database.engine.connect() as connection:
        row = (await connection.execute(_ROLE)).mappings().one()
        extra = (await connection.execute(_INGEST_EXTRA)).scalar_one_or_none() if role == "ingest" else None
    excess = [right for right in ("rolsuper", "rolcreaterole", "rolcreatedb", "rolreplication") if row[right]]
    if row["rolbypassrls"] and role != "ingest":
        excess.append("rolbypassrls")
    if row["owns_tables"]:
        excess.append("owns tables")
    if extra is not None:
        excess.append(extra)
    if excess:
        raise ConfigurationError(
            f"The database role {row['rolname']} may do more than the {role} process should ({', '.join(excess)}). "
            f"Use the role that `plantwright migrate` made, or revoke these rights."
        )
