"""From the configuration of a column or key, and from what a file says itself, to the tag its values carry."""

from collections.abc import Mapping

from plantwright_agent.inputs.tags import ColumnConfig
from plantwright_agent.samples import Quality, Tag

MOST_REMEMBERED = 50_000
QUALITIES: dict[str, Quality] = {"good": "good", "uncertain": "uncertain", "bad": "bad"}


def make_tag(name: str, column: ColumnConfig, machine_identifier: str | None, unit: str = "") -> Tag:
    """The tag of a column or key; the configuration check has made sure that a machine is named."""
    return Tag(
        machine_identifier=column.machine_identifier or machine_identifier or "",
        metric_name=column.metric_name or name,
        unit=column.unit or unit,
        raw_tag=name,
        scale=column.scale,
        offset=column.offset,
    )


class Tags:
    """Tags of a file that names metrics, machines or units itself; with `metrics`, only those are wanted."""

    def __init__(self, metrics: Mapping[str, ColumnConfig], machine_identifier: str | None) -> None:
        self._metrics = metrics
        self._machine = machine_identifier
        self._made: dict[tuple[str, str, str], Tag] = {}

    def wants(self, name: str) -> bool:
        return not self._metrics or name in self._metrics

    def tag(self, name: str, machine: str, unit: str) -> Tag | None:
        """None when neither the row nor the configuration names a machine."""
        key = (name, machine, unit)
        tag = self._made.get(key)
        if tag is None:
            tag = make_tag(name, self._metrics.get(name) or ColumnConfig(), machine or self._machine, unit)
            if len(self._made) >= MOST_REMEMBERED:
                self._made.clear()
            self._made[key] = tag
        return tag if tag.machine_identifier else None


class QualityReader:
    """Good, uncertain and bad, as the configuration spells them or by their own names in any case."""

    def __init__(self, qualities: Mapping[str, Quality]) -> None:
        self._qualities = dict(qualities)

    def read(self, value: object) -> Quality | None:
        """Nothing said is good; None when the text is not known."""
        if value is None or value == "":
            return "good"
        text = str(value).strip()
        return self._qualities.get(text) or QUALITIES.get(text.lower())
