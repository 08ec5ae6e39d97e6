"""Sessions, second factors, invitations.

Revision ID: 0020
"""

from alembic import op

from plantwright.migrations.tenancy import grant, protect

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

READ_WRITE = "SELECT, INSERT, UPDATE"


def upgrade() -> None:
    _invitations()


def downgrade() -> None:
    op.execute("DROP TABLE invitation")


def _invitations() -> None:
    op.execute("""
        CREATE TABLE invitation (
            tenant_id uuid NOT NULL REFERENCES tenant (id),
            id uuid NOT NULL,
            email text NOT NULL CHECK (email = lower(email)),
            role text NOT NULL CHECK (role IN ('admin', 'operator', 'viewer')),
            token_hash bytea NOT NULL,
            invited_by uuid NOT NULL,
            created_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            accepted_at timestamptz,
            withdrawn_at timestamptz,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, token_hash),
            FOREIGN KEY (tenant_id, invited_by) REFERENCES user_account (tenant_id, id)
        )""")
    # Of one address at most one invitation is open.
    op.execute("""
        CREATE UNIQUE INDEX invitation_open ON invitation (tenant_id, email)
        WHERE accepted_at IS NULL AND withdrawn_at IS NULL""")
    protect("invitation")
    grant("invitation", app=READ_WRITE)
