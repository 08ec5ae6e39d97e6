"""Looking at a device before its readings are kept: test, browse and probe."""

from typing import Annotated
from uuid import UUID

import strawberry

from plantwright.core.errors import ValidationFailed as BadInput
from plantwright.graphql.context import Info, require_id
from plantwright.graphql.errors import (
    Conflict,
    NotFound,
    PermissionDenied,
    TooManyAttempts,
    ValidationFailed,
    returns_errors,
)
from plantwright.graphql.sources.inputs import (
    BrowseIngestSourceInput,
    ProbeIngestSourceInput,
    TestIngestSourceInput,
)
from plantwright.graphql.sources.looks import IngestSourceTest, OpcUaNode, ProbedRegister
from plantwright.graphql.sources.settings import ModbusSettingsInput, OpcUaSettingsInput, device_of
from plantwright.identity.models import Role
from plantwright.sources import service
from plantwright.sources.door import Look


@strawberry.type
class TestIngestSourceSuccess:
    test: IngestSourceTest


@strawberry.type
class BrowseIngestSourceSuccess:
    nodes: list[OpcUaNode]


@strawberry.type
class ProbeIngestSourceSuccess:
    registers: list[ProbedRegister]


TestIngestSourceResult = Annotated[
    TestIngestSourceSuccess | ValidationFailed | PermissionDenied | NotFound | Conflict | TooManyAttempts,
    strawberry.union("TestIngestSourceResult"),
]
BrowseIngestSourceResult = Annotated[
    BrowseIngestSourceSuccess | ValidationFailed | PermissionDenied | NotFound | Conflict | TooManyAttempts,
    strawberry.union("BrowseIngestSourceResult"),
]
ProbeIngestSourceResult = Annotated[
    ProbeIngestSourceSuccess | ValidationFailed | PermissionDenied | NotFound | Conflict | TooManyAttempts,
    strawberry.union("ProbeIngestSourceResult"),
]
_EXPECTED = (ValidationFailed, PermissionDenied, NotFound, Conflict, TooManyAttempts)


@strawberry.type
class SourcesLookMutation:
    @strawberry.mutation(
        description="Connect once and read the tags, within half a minute; stores nothing but the tenant's own "
        "certificate. Admins and operators."
    )
    @returns_errors(*_EXPECTED)
    async def test_ingest_source(self, info: Info, input: TestIngestSourceInput) -> TestIngestSourceResult:  # noqa: A002
        look = _look(info, input.id, input.opc_ua, input.modbus_tcp)
        tags = None if input.tags is None else [tag.to_domain() for tag in input.tags]
        found = await info.context.services.sources.test(look, tags)
        return TestIngestSourceSuccess(test=IngestSourceTest.of(found))

    @strawberry.mutation(description="One level of an OPC UA server's nodes, at most 1,000. Admins and operators.")
    @returns_errors(*_EXPECTED)
    async def browse_ingest_source(self, info: Info, input: BrowseIngestSourceInput) -> BrowseIngestSourceResult:  # noqa: A002
        look = _look(info, input.id, input.opc_ua, None)
        nodes = await info.context.services.sources.browse(look, input.node_id)
        return BrowseIngestSourceSuccess(nodes=[OpcUaNode.of(node) for node in nodes])

    @strawberry.mutation(description="What is at these Modbus addresses. Admins and operators.")
    @returns_errors(*_EXPECTED)
    async def probe_ingest_source(self, info: Info, input: ProbeIngestSourceInput) -> ProbeIngestSourceResult:  # noqa: A002
        look = _look(info, input.id, None, input.modbus_tcp)
        found = await info.context.services.sources.probe(
            look, input.table.value, input.address, input.count, input.unit_id
        )
        return ProbeIngestSourceSuccess(registers=[ProbedRegister.of(one) for one in found])


def _look(
    info: Info, source_id: str | None, opc_ua: OpcUaSettingsInput | None, modbus_tcp: ModbusSettingsInput | None
) -> Look:
    """
    Raises:
        PermissionDenied: a viewer asks.
        ValidationFailed: neither a saved source nor a device is given, or a value is out of bounds.
        NotFound: text that is no id.
    """
    principal = info.context.require(Role.ADMIN, Role.OPERATOR)
    parsed: UUID | None = None if source_id is None else require_id(source_id, service.SOURCE_NOT_FOUND, "id")
    device = device_of(opc_ua, modbus_tcp)
    if parsed is None and device is None:
        raise BadInput("Give the id of a source, or how its device is reached.", ["id"])
    keeps = opc_ua is not None and opc_ua.keeps_credentials
    return Look(principal.tenant_id, parsed, device, keeps_credentials=keeps)
