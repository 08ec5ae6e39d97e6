"""Settings of the machine-level chart by the time from which they hold.

Until now it took part of the settings of the other charts; tenants who have changed those keep what they had.

Revision ID: 0016
"""

from alembic import op

from plantwright.migrations.tenancy import grant, protect

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

CARRY_OVER = """
    INSERT INTO machine_chart_settings (tenant_id, holds_from, settings)
    SELECT tenant_id, to_timestamp(0), taken.settings
    FROM tenant_setting CROSS JOIN LATERAL (
        SELECT jsonb_object_agg(CASE key WHEN 'confirm_readings' THEN 'confirm_frames' ELSE key END, given.value)
            AS settings
        FROM jsonb_each(tenant_setting.value) AS given
        WHERE key IN ('enabled', 'confirm_readings', 'clear_seconds', 'critical_factor')) AS taken
    WHERE name = 'detection' AND taken.settings IS NOT NULL"""


def upgrade() -> None:
    op.execute("""
        CREATE TABLE machine_chart_settings (
            tenant_id uuid NOT NULL REFERENCES tenant (id),
            id bigint GENERATED ALWAYS AS IDENTITY,
            machine_id uuid,
            holds_from timestamptz NOT NULL,
            settings jsonb,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, machine_id) REFERENCES machine (tenant_id, id) ON DELETE CASCADE
        )""")
    op.execute("CREATE INDEX ON machine_chart_settings (tenant_id, machine_id, holds_from)")
    protect("machine_chart_settings")
    grant("machine_chart_settings", app="SELECT, INSERT", worker="SELECT")
    op.execute(CARRY_OVER)


def downgrade() -> None:
    op.execute("DROP TABLE machine_chart_settings")
