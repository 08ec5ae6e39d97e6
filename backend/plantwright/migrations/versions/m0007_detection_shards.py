"""State of the detectors in shards of neighbouring series, and the hours of their windows apart, a row per slot.

What is stored is carried over, so nothing is learnt anew. Versions are random, as the product makes them.

Revision ID: 0007
"""

import struct
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import numpy.typing as npt
from alembic import op
from sqlalchemy import text

from plantwright.migrations.tenancy import grant, protect

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SHARD_SERIES = 2048
SLOTS = 168
DETECTORS = 3
# Columns as they are stored: of series, of episodes (rows, 3), of buckets (rows, 168).
SERIES = [*["<i8", "<f8", "<f8", "<f8", "<i8", "<i8", "<f8", "<f8", "<f8", "<f8", "<i8", "<i8", "<f8", "<f8", "<f8"]]
SERIES += ["<f8", "<i8", "|b1", "<f8", "<f8", "<f8", "<f8", "<f8"]
EPISODES = ["|b1", "|b1", "<i8", "<i8", "<i8", "<i8", "<f8"]
BUCKETS = ["<i4", "<f8", "<f8", "<f8", "<f4"]
OLD_HEADER = struct.Struct("<4sHQ")
NEW_HEADER = struct.Struct("<4sHII")

Columns = list[npt.NDArray[Any]]


def upgrade() -> None:
    op.execute("""
        CREATE TABLE detection_shard (
            tenant_id uuid NOT NULL REFERENCES tenant (id),
            detector text NOT NULL,
            shard integer NOT NULL,
            version uuid NOT NULL,
            state bytea NOT NULL,
            PRIMARY KEY (tenant_id, detector, shard)
        )""")
    op.execute("""
        CREATE TABLE detection_hour (
            tenant_id uuid NOT NULL REFERENCES tenant (id),
            shard integer NOT NULL,
            slot smallint NOT NULL,
            buckets bytea NOT NULL,
            PRIMARY KEY (tenant_id, shard, slot)
        )""")
    for table in ("detection_shard", "detection_hour"):
        protect(table)
        grant(table, app="SELECT", worker="SELECT, INSERT, UPDATE, DELETE")
    # Numbers like these do not get smaller by compression, only slower.
    op.execute("ALTER TABLE detection_shard ALTER COLUMN state SET STORAGE EXTERNAL")
    op.execute("ALTER TABLE detection_hour ALTER COLUMN buckets SET STORAGE EXTERNAL")
    # Whole values are replaced several times a second; what they leave behind is to be used again soon.
    op.execute("ALTER TABLE detection_shard SET (toast.autovacuum_vacuum_scale_factor = 0.02, fillfactor = 50)")
    _carry_over()
    op.execute("DROP TABLE detection_state")


def downgrade() -> None:
    """The old form is not made again: its consumer starts with what comes next."""
    op.execute("""
        CREATE TABLE detection_state (
            tenant_id uuid NOT NULL REFERENCES tenant (id),
            shard integer NOT NULL,
            series_ids integer[] NOT NULL,
            live bytea NOT NULL,
            buckets bytea NOT NULL,
            PRIMARY KEY (tenant_id, shard)
        )""")
    protect("detection_state")
    grant("detection_state", app="SELECT", worker="SELECT, INSERT, UPDATE, DELETE")
    op.execute("DROP TABLE detection_hour")
    op.execute("DROP TABLE detection_shard")


def _carry_over() -> None:
    bind = op.get_bind()
    for tenant_id in bind.execute(text("SELECT id FROM tenant")).scalars().all():
        bind.execute(text(f"SET LOCAL app.tenant_id = '{UUID(str(tenant_id))}'"))
        stored = text("SELECT series_ids, live, buckets FROM detection_state WHERE tenant_id = :tenant_id")
        rows = bind.execute(stored, {"tenant_id": tenant_id}).all()
        for series_ids, live, buckets in rows:
            for shard, state, hours in _shards_of(np.array(series_ids, "<i4"), bytes(live), bytes(buckets)):
                _insert(tenant_id, shard, state, hours)
    bind.execute(text("SET LOCAL app.tenant_id = ''"))


def _insert(tenant_id: UUID, shard: int, state: bytes, hours: list[bytes]) -> None:
    bind = op.get_bind()
    bind.execute(
        text("INSERT INTO detection_shard VALUES (:tenant_id, 'series', :shard, :version, :state)"),
        {"tenant_id": tenant_id, "shard": shard, "version": uuid4(), "state": state},
    )
    for slot, data in enumerate(hours):
        if any(data):
            bind.execute(
                text("INSERT INTO detection_hour VALUES (:tenant_id, :shard, :slot, :buckets)"),
                {"tenant_id": tenant_id, "shard": shard, "slot": slot, "buckets": data},
            )


def _shards_of(series_ids: npt.NDArray[Any], live: bytes, buckets: bytes) -> Iterator[tuple[int, bytes, list[bytes]]]:
    """Number, state and slots of each shard."""
    rows = OLD_HEADER.unpack_from(live)[2]
    series, offset = _columns(live, OLD_HEADER.size, rows, SERIES, 1)
    episodes, _ = _columns(live, offset, rows, EPISODES, DETECTORS)
    hours, _ = _columns(buckets, 0, rows, BUCKETS, SLOTS)
    for shard in np.unique(series_ids // SHARD_SERIES).tolist():
        here = np.flatnonzero(series_ids // SHARD_SERIES == shard)
        occupied = np.flatnonzero((episodes[2][here] != 0).any(axis=1))
        state = [NEW_HEADER.pack(b"PWSS", 1, len(here), len(occupied)), series_ids[here].tobytes()]
        state += [column[here].tobytes() for column in series]
        state += [occupied.astype("<i4").tobytes(), *(column[here][occupied].tobytes() for column in episodes)]
        yield (
            shard,
            b"".join(state),
            [b"".join(column[here, slot].tobytes() for column in hours) for slot in range(SLOTS)],
        )


def _columns(data: bytes, offset: int, rows: int, types: list[str], width: int) -> tuple[Columns, int]:
    columns: Columns = []
    for dtype in types:
        columns.append(np.frombuffer(data, dtype, rows * width, offset).reshape(rows, width))
        offset += columns[-1].nbytes
    return columns, offset
