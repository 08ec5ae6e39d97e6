"""Alerts of rules, shelving, comments, assignment.

Revision ID: 0010
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _keys()


def downgrade() -> None:
    raise NotImplementedError("The journal is append-only: going back means restoring a backup.")


def _keys() -> None:
    """An alert is about a machine, one of its metrics, or an agent. It outlives a rule that is deleted, so the rule is
    no foreign key.
    """
    op.execute("""
        ALTER TABLE alert
            ADD COLUMN rule_id uuid,
            DROP CONSTRAINT alert_one_subject,
            ADD CONSTRAINT alert_one_subject CHECK (
                num_nonnulls(machine_id, agent_id) = 1 AND (metric_id IS NULL OR machine_id IS NOT NULL)),
            ADD CONSTRAINT alert_rule CHECK ((cause = 'rule') = (rule_id IS NOT NULL))""")
    op.execute("DROP INDEX alert_one_open")
    op.execute("DROP INDEX alert_one_open_of_agent")
    op.execute("""
        CREATE UNIQUE INDEX alert_one_open ON alert (tenant_id, machine_id, metric_id, agent_id, rule_id, cause)
        NULLS NOT DISTINCT WHERE cleared_at IS NULL""")
    op.execute("CREATE INDEX ON alert (tenant_id, rule_id, raised_at) WHERE rule_id IS NOT NULL")
