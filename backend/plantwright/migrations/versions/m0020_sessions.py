"""Sessions and invitations.

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
    _sessions()


def downgrade() -> None:
    for table in ("user_session", "invitation"):
        op.execute(f"DROP TABLE {table}")


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


def _sessions() -> None:
    # The locator is what credential_directory knows, too; it stays while the secret is rotated.
    op.execute("""
        CREATE TABLE user_session (
            tenant_id uuid NOT NULL REFERENCES tenant (id),
            id uuid NOT NULL,
            user_id uuid NOT NULL,
            locator_hash bytea NOT NULL,
            secret_hash bytea NOT NULL,
            previous_hash bytea,
            address text NOT NULL,
            device text NOT NULL,
            created_at timestamptz NOT NULL,
            refreshed_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            ended_at timestamptz,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, locator_hash),
            FOREIGN KEY (tenant_id, user_id) REFERENCES user_account (tenant_id, id)
        )""")
    op.execute("CREATE INDEX user_session_user ON user_session (tenant_id, user_id)")
    protect("user_session")
    grant("user_session", app=f"{READ_WRITE}, DELETE")
