"""Tag mappings as they are sent, and the rules they keep."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from plantwright.core.errors import ValidationFailed
from plantwright.sources.configuration import Device, source_config
from plantwright.sources.limits import MAX_TAGS
from plantwright.sources.models import IngestSource, TagMapping


@dataclass(frozen=True, slots=True)
class TagDraft:
    """A mapping before it is checked; `options` are keys of the agent's Modbus register."""

    tag: str
    metric_name: str
    unit: str = ""
    scale: float = 1.0
    offset: float = 0.0
    is_enabled: bool = True
    options: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, mapping: TagMapping) -> Self:
        return cls(
            mapping.tag,
            mapping.metric_name,
            mapping.unit,
            mapping.scale,
            mapping.offset,
            mapping.is_enabled,
            mapping.options,
        )


def checked_tags(
    source: IngestSource, device: Device, machine_identifier: str, tags: Sequence[TagDraft]
) -> list[TagMapping]:
    """The mappings as rows, disabled ones checked like the others.

    Raises:
        ValidationFailed: too many, one twice, two for one metric, or one that the input would refuse.
    """
    if len(tags) > MAX_TAGS:
        raise ValidationFailed(f"A source has at most {MAX_TAGS:,} tags; these are {len(tags):,}.", ["tags"])
    for key in ("tag", "metric_name"):
        counted = Counter(getattr(tag, key) for tag in tags if key == "tag" or tag.is_enabled)
        for place, tag in enumerate(tags):
            if counted[getattr(tag, key)] > 1:
                path = ["tags", str(place), "tag" if key == "tag" else "metricName"]
                raise ValidationFailed(f"{getattr(tag, key)!r} is there more than once.", path)
    rows = [_row(source, place, tag) for place, tag in enumerate(tags)]
    if rows:
        all_enabled = [row.model_copy(update={"is_enabled": True}) for row in rows]
        source_config(source.id, device, all_enabled, machine_identifier)
    return rows


def merged_tags(before: Sequence[TagMapping], tags: Sequence[TagDraft]) -> list[TagDraft]:
    """The mappings that are there, with the given ones in place of those of the same tag or behind them."""
    given = {tag.tag: tag for tag in tags}
    known = {mapping.tag for mapping in before}
    kept = [given.get(mapping.tag) or TagDraft.of(mapping) for mapping in before]
    return kept + [tag for tag in tags if tag.tag not in known]


def _row(source: IngestSource, place: int, tag: TagDraft) -> TagMapping:
    path = ["tags", str(place)]
    for text, name in ((tag.tag, "tag"), (tag.metric_name, "metricName")):
        if not text.strip() or "\x00" in text:
            raise ValidationFailed(f"{name} must have a character that can be seen, and no U+0000.", [*path, name])
    if "\x00" in tag.unit:
        raise ValidationFailed("unit must not hold the character U+0000.", [*path, "unit"])
    return TagMapping(
        tenant_id=source.tenant_id,
        source_id=source.id,
        tag=tag.tag.strip(),
        place=place,
        metric_name=tag.metric_name.strip(),
        unit=tag.unit.strip(),
        scale=tag.scale,
        offset=tag.offset,
        is_enabled=tag.is_enabled,
        options=tag.options,
    )
