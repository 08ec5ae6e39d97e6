"""Table of the detectors' state."""

from uuid import UUID

from sqlalchemy import Integer, LargeBinary
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from plantwright.core.columns import tenant_field


class DetectionState(SQLModel, table=True):
    """State of all series of one shard as a few binary columns: a row per series would cost ten times as much.

    `buckets` are the closed hours: most of the bytes, changed once an hour, and untouched on disk in between.
    """

    __tablename__ = "detection_state"

    tenant_id: UUID = tenant_field()
    shard: int = Field(primary_key=True)
    series_ids: list[int] = Field(sa_type=ARRAY(Integer))
    live: bytes = Field(sa_type=LargeBinary)
    buckets: bytes = Field(sa_type=LargeBinary)
