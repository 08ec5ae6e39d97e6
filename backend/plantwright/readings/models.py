"""Tables of the readings log."""

from datetime import datetime
from enum import IntEnum
from uuid import UUID

from sqlalchemy import BigInteger, Double, SmallInteger
from sqlalchemy.dialects.postgresql import ARRAY, INTEGER
from sqlmodel import Field, SQLModel

from plantwright.core.columns import UTC_TIME, json_field, text_field, time_field


class Quality(IntEnum):
    """The three classes of an OPC UA status code (OPC UA part 4, 7.39)."""

    GOOD = 0
    UNCERTAIN = 1
    BAD = 2


class Segment(SQLModel, table=True):
    """Readings of one series in one flush; `offsets` are milliseconds after `start`, ascending.

    `quality` is null when every reading is good.
    """

    __tablename__ = "segment"

    tenant_no: int = Field(primary_key=True)
    series_id: int = Field(primary_key=True)
    start: datetime = Field(primary_key=True, sa_type=UTC_TIME)
    flush_id: int = Field(primary_key=True, sa_type=BigInteger)
    offsets: list[int] = Field(sa_type=ARRAY(INTEGER))
    values: list[float] = Field(sa_type=ARRAY(Double))
    quality: list[int] | None = Field(default=None, sa_type=ARRAY(SmallInteger), nullable=True)


class IngestBatch(SQLModel, table=True):
    """A batch that has been stored; its key refuses a second copy, which gets the answer of the first.

    `errors` are the readings refused, as `[index, machine_identifier, error]`; null when there were none.
    """

    __tablename__ = "ingest_batch"

    tenant_no: int = Field(primary_key=True)
    agent: UUID = Field(primary_key=True)
    stream: str = text_field(primary_key=True)
    sequence: int = Field(primary_key=True, sa_type=BigInteger)
    accepted: int
    errors: list[tuple[int, str | None, str]] | None = json_field(default=None, nullable=True)
    received_at: datetime = time_field()


class LatestReading(SQLModel, table=True):
    """The newest reading of a series by its own time; a cache that the worker keeps."""

    __tablename__ = "latest_reading"

    tenant_no: int = Field(primary_key=True)
    series_id: int = Field(primary_key=True)
    time: datetime = Field(sa_type=UTC_TIME)
    value: float = Field(sa_type=Double)
    quality: int = Field(default=Quality.GOOD, sa_type=SmallInteger)
