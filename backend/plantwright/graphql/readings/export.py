"""Where a file with readings can be fetched; the file itself is streamed by a door of its own."""

from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import quote, urlencode

import strawberry

from plantwright.assets.repository import get_machine
from plantwright.core.ids import parse_id
from plantwright.graphql.context import Info
from plantwright.readings.exchange.exporting import Selection, plan_export
from plantwright.readings.exchange.long_form import ExportFormat

EXPORT_PATH = "/api/v1/readings/export"

strawberry.enum(ExportFormat, description="Of a file with readings.")


@strawberry.type(description="A file with readings that can be fetched.")
class ReadingsExport:
    url: str = strawberry.field(description="Relative to this server; fetched with the same credentials.")
    estimated_readings: int | None = strawberry.field(
        description="About how many readings are in it; null when it would take long to tell."
    )


@strawberry.type
class ReadingsExportQuery:
    @strawberry.field(
        description="Where to fetch a file with the readings of a machine, from <= time < to: of all its metrics, or "
        "of those named. Null for an unknown machine."
    )
    async def readings_export(  # noqa: PLR0917 - arguments of the API, always named
        self,
        info: Info,
        machine_id: strawberry.ID,
        from_: Annotated[datetime, strawberry.argument(name="from")],
        to: datetime,
        metrics: list[str] | None = None,
        format: ExportFormat = ExportFormat.CSV,  # noqa: A002 - the name in the API
    ) -> ReadingsExport | None:
        key = parse_id(machine_id)
        tenant_id = info.context.principal.tenant_id
        if key is None:
            return None
        async with info.context.reading() as work:
            machine = await get_machine(work, key)
        if machine is None:
            return None
        selection = Selection([machine.identifier], metrics or [], from_, to)
        plan = await plan_export(info.context.services.database, tenant_id, selection)
        return ReadingsExport(url=_url(selection, format), estimated_readings=plan.estimated_readings)


def _url(selection: Selection, kind: ExportFormat) -> str:
    named = [("machine", machine) for machine in selection.machines]
    named += [("metric", metric) for metric in selection.metrics]
    window = [("from", instant(selection.start)), ("to", instant(selection.end))]
    return f"{EXPORT_PATH}?{urlencode([*named, *window, ('format', kind.value)], quote_via=quote)}"


def instant(moment: datetime) -> str:
    """ISO 8601 in UTC with Z, without a fraction of a second that is zero."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
