"""SQL that every tenant table gets: forced row-level security, and grants to the three roles."""

from alembic import op

TENANT_SETTING = "nullif(current_setting('app.tenant_id', true), '')::uuid"
TENANT_NUMBER = f"(SELECT number FROM tenant WHERE id = {TENANT_SETTING})"  # noqa: S608 - a constant


def database_role(role: str) -> str:
    database = op.get_bind().exec_driver_sql("SELECT current_database()").scalar_one()
    return f'"{database}_{role}"'


def protect(table: str, condition: str = f"tenant_id = {TENANT_SETTING}") -> None:
    """Rows of another tenant can be neither seen nor written, by the owner neither; unset shows none."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant_isolation ON {table} USING ({condition}) WITH CHECK ({condition})")


def grant(table: str, *, app: str = "", worker: str = "", ingest: str = "") -> None:
    for role, rights in (("app", app), ("worker", worker), ("ingest", ingest)):
        if rights:
            op.execute(f"GRANT {rights} ON {table} TO {database_role(role)}")
