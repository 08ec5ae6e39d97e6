"""Rows of the journal as text that any program can recompute."""

import orjson

from plantwright.journal.models import AuditRecord
from plantwright.journal.verify import link_of


def json_line(record: AuditRecord) -> bytes:
    """The canonical object of docs/journal.md with `row_hash` added, as one line.

    Without `row_hash` and the end of the line the bytes are those that the hash covers, once the keys are sorted.
    """
    fields = orjson.loads(link_of(record).canonical())
    fields["row_hash"] = record.row_hash.hex()
    return orjson.dumps(fields, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)
