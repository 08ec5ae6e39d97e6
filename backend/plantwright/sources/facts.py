"""What the journal keeps of sources: no secret, and of a list of tags only what changed."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from plantwright.journal.service import Fact
from plantwright.sources.models import IngestSource, TagMapping

CREATED = "ingest_source.created"
UPDATED = "ingest_source.updated"
PAUSED = "ingest_source.paused"
RESUMED = "ingest_source.resumed"
DELETED = "ingest_source.deleted"
TAGS_CHANGED = "ingest_source.tags_changed"

MOST_NAMED = 50


def source_fact(action: str, source: IngestSource, actor_id: UUID, details: Mapping[str, Any]) -> Fact:
    return Fact(
        action=action,
        resource_type="ingest_source",
        resource_id=str(source.id),
        payload={
            "source_id": source.id,
            "name": source.name,
            "machine_id": source.machine_id,
            "protocol": source.protocol,
            "address": source.address,
            "version": source.version,
            **details,
        },
        actor_id=actor_id,
    )


def tags_fact(source: IngestSource, actor_id: UUID, before: Sequence[TagMapping], after: Sequence[TagMapping]) -> Fact:
    """How many tags there were and are, and the first fifty that differ."""
    old, new = ({tag.tag: _shown(tag) for tag in tags} for tags in (before, after))
    changed = [tag for tag in {**old, **new} if old.get(tag) != new.get(tag)]
    details = {
        "tags": {"old": len(old), "new": len(new)},
        "changed": [{"tag": tag, "old": old.get(tag), "new": new.get(tag)} for tag in changed[:MOST_NAMED]],
        "not_named": max(0, len(changed) - MOST_NAMED),
    }
    return source_fact(TAGS_CHANGED, source, actor_id, details)


def _shown(tag: TagMapping) -> dict[str, Any]:
    return tag.model_dump(exclude={"tenant_id", "source_id", "place", "tag"})
