"""Tables of the detectors' state."""

from uuid import UUID

from sqlalchemy import LargeBinary, SmallInteger, Text
from sqlmodel import Field, SQLModel

from plantwright.core.columns import tenant_field


class DetectionShard(SQLModel, table=True):
    """What a detector remembers of many series or machines, in its own format; each change gives it a new version."""

    __tablename__ = "detection_shard"

    tenant_id: UUID = tenant_field()
    detector: str = Field(primary_key=True, sa_type=Text)
    shard: int = Field(primary_key=True)
    version: UUID
    state: bytes = Field(sa_type=LargeBinary)


class DetectionHour(SQLModel, table=True):
    """One slot of the seven-day window, of all series of a shard: read and written only when an hour ends."""

    __tablename__ = "detection_hour"

    tenant_id: UUID = tenant_field()
    shard: int = Field(primary_key=True)
    slot: int = Field(primary_key=True, sa_type=SmallInteger)
    buckets: bytes = Field(sa_type=LargeBinary)
