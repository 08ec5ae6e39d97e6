"""From the configuration of a column or key to the tag its values carry."""

from plantwright_agent.inputs.tags import ColumnConfig
from plantwright_agent.samples import Tag


def make_tag(name: str, column: ColumnConfig, machine_identifier: str | None) -> Tag:
    """The tag of a column or key; the configuration check has made sure that a machine is named."""
    return Tag(
        machine_identifier=column.machine_identifier or machine_identifier or "",
        metric_name=column.metric_name or name,
        unit=column.unit,
        raw_tag=name,
        scale=column.scale,
        offset=column.offset,
    )
