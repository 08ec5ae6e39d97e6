"""Tables of the readings log."""

from datetime import datetime
from enum import IntEnum
from uuid import UUID

from sqlalchemy import BigInteger, Double, LargeBinary, SmallInteger
from sqlalchemy.dialects.postgresql import ARRAY, INTEGER
from sqlmodel import Field, SQLModel

from plantwright.core.columns import UTC_TIME, json_field, text_field, time_field


class Quality(IntEnum):
    """The three classes of an OPC UA status code (OPC UA part 4, 7.39)."""

    GOOD = 0
    UNCERTAIN = 1
    BAD = 2


class Level(IntEnum):
    """How far the readings of a segment have been merged."""

    FLUSH = 0
    PIECE = 1
    HOUR = 2


class Segment(SQLModel, table=True):
    """Readings of one series, of one flush or merged from several; then `flush_id` is the latest of theirs.

    `offsets` are milliseconds after `start`, ascending. A regular segment has none: reading i is at
    `start + i * period` milliseconds. `quality` is null when every reading is good.
    """

    __tablename__ = "segment"

    tenant_no: int = Field(primary_key=True)
    series_id: int = Field(primary_key=True)
    start: datetime = Field(primary_key=True, sa_type=UTC_TIME)
    flush_id: int = Field(primary_key=True, sa_type=BigInteger)
    offsets: list[int] | None = Field(default=None, sa_type=ARRAY(INTEGER), nullable=True)
    values: list[float] = Field(sa_type=ARRAY(Double))
    quality: list[int] | None = Field(default=None, sa_type=ARRAY(SmallInteger), nullable=True)
    period: int | None = None
    level: int = Field(default=Level.FLUSH, primary_key=True, sa_type=SmallInteger)


class IngestBatch(SQLModel, table=True):
    """A batch that has been stored; its key refuses a second copy, which gets the answer of the first.

    `errors` are the readings refused, as `[index, machine_identifier, error]`; null when there were none. `digest`
    tells a copy from another batch under the same key.
    """

    __tablename__ = "ingest_batch"

    tenant_no: int = Field(primary_key=True)
    agent: UUID = Field(primary_key=True)
    stream: str = text_field(primary_key=True)
    sequence: int = Field(primary_key=True, sa_type=BigInteger)
    accepted: int
    errors: list[tuple[int, str | None, str]] | None = json_field(default=None, nullable=True)
    received_at: datetime = time_field()
    digest: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)


class IngestStream(SQLModel, table=True):
    """Batches of a stream up to `forgotten_through` were answered so long ago that their keys are gone."""

    __tablename__ = "ingest_stream"

    tenant_no: int = Field(primary_key=True)
    agent: UUID = Field(primary_key=True)
    stream: str = text_field(primary_key=True)
    forgotten_through: int = Field(sa_type=BigInteger)
    updated_at: datetime = time_field()


class Rollup(SQLModel, table=True):
    """Buckets of one series within an hour of minutes, a day of hours, or a month of days, all in UTC.

    Bucket `places[i]` covers `bucket_seconds` from `start + places[i] * bucket_seconds`; it has at least one usable
    reading. `sums`, `minimums` and `maximums` are null where they equal `lasts` in every bucket. The mean is
    sum / count; two buckets become one by adding counts and sums, so larger ones are exact.
    """

    __tablename__ = "rollup"

    tenant_no: int = Field(primary_key=True)
    bucket_seconds: int = Field(primary_key=True)
    series_id: int = Field(primary_key=True)
    start: datetime = Field(primary_key=True, sa_type=UTC_TIME)
    places: list[int] = Field(sa_type=ARRAY(SmallInteger))
    counts: list[int] = Field(sa_type=ARRAY(INTEGER))
    lasts: list[float] = Field(sa_type=ARRAY(Double))
    sums: list[float] | None = Field(default=None, sa_type=ARRAY(Double), nullable=True)
    minimums: list[float] | None = Field(default=None, sa_type=ARRAY(Double), nullable=True)
    maximums: list[float] | None = Field(default=None, sa_type=ARRAY(Double), nullable=True)


class StorageUsage(SQLModel, table=True):
    """What one tenant's readings and rollups of one day (UTC) take, when they were last measured.

    `unmerged` of the segments are not whole hours yet. `minute_bytes`, `hour_bytes` and `day_bytes` are of the rollup
    rows that start within the day. `oldest` and `newest` are null when only rollups are left.
    """

    __tablename__ = "storage_usage"

    tenant_no: int = Field(primary_key=True)
    day: datetime = Field(primary_key=True, sa_type=UTC_TIME)
    segments: int = Field(sa_type=BigInteger)
    unmerged: int = Field(sa_type=BigInteger)
    readings: int = Field(sa_type=BigInteger)
    bytes: int = Field(sa_type=BigInteger)
    minute_bytes: int = Field(sa_type=BigInteger)
    hour_bytes: int = Field(sa_type=BigInteger)
    day_bytes: int = Field(sa_type=BigInteger)
    oldest: datetime | None = time_field(nullable=True)
    newest: datetime | None = time_field(nullable=True)
    measured_at: datetime = time_field()


class StorageState(SQLModel, table=True):
    """How far the readings log has been measured, and the time before which readings have been deleted."""

    __tablename__ = "storage_state"

    tenant_no: int = Field(primary_key=True)
    measured_through: int = Field(sa_type=BigInteger)
    measured_at: datetime = time_field()
    deleted_before: datetime | None = time_field(nullable=True)


class StorageCleanup(SQLModel, table=True):
    """The clean-up that was asked for last; `claimed_until` is when another worker may take it over."""

    __tablename__ = "storage_cleanup"

    tenant_no: int = Field(primary_key=True)
    requested_at: datetime = time_field()
    requested_by: UUID
    started_at: datetime | None = time_field(nullable=True)
    claimed_until: datetime | None = time_field(nullable=True)
    finished_at: datetime | None = time_field(nullable=True)
    segments: int = Field(default=0, sa_type=BigInteger)
    readings: int = Field(default=0, sa_type=BigInteger)
    rollups: int = Field(default=0, sa_type=BigInteger)


class LatestReading(SQLModel, table=True):
    """The newest reading of a series by its own time; a cache that the worker keeps."""

    __tablename__ = "latest_reading"

    tenant_no: int = Field(primary_key=True)
    series_id: int = Field(primary_key=True)
    time: datetime = Field(sa_type=UTC_TIME)
    value: float = Field(sa_type=Double)
    quality: int = Field(default=Quality.GOOD, sa_type=SmallInteger)
