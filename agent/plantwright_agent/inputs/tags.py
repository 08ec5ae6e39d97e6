"""The part of the configuration every tag has, whatever the protocol."""

from typing import Annotated

import msgspec

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
Positive = Annotated[float, msgspec.Meta(gt=0, le=86_400)]


class TagConfig(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`machine_identifier` overrides the one of the source."""

    metric_name: Name
    unit: Annotated[str, msgspec.Meta(max_length=64)] = ""
    machine_identifier: Name | None = None
    scale: float = 1.0
    offset: float = 0.0


class ColumnConfig(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """As TagConfig, for a file: the metric name is the column or key itself unless given."""

    metric_name: Name | None = None
    unit: Annotated[str, msgspec.Meta(max_length=64)] = ""
    machine_identifier: Name | None = None
    scale: float = 1.0
    offset: float = 0.0
