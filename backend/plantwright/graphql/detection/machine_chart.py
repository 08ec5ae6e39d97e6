"""How a machine is watched as a whole."""

from typing import Annotated

import strawberry

from plantwright.assets.service import MACHINE_NOT_FOUND
from plantwright.core.ids import parse_id
from plantwright.detection.multivariate.settings import change_machine, machine_settings
from plantwright.graphql.context import Info, require_id
from plantwright.graphql.detection.machine_chart_settings import MachineChart, MachineChartSettingsInput
from plantwright.graphql.errors import NotFound, PermissionDenied, ValidationFailed, returns_errors
from plantwright.identity.models import Role


@strawberry.input(description="`settings: null` drops the machine's own settings.")
class MachineChartUpdateInput:
    machine_id: strawberry.ID
    settings: MachineChartSettingsInput | None


@strawberry.type
class MachineChartUpdateSuccess:
    chart: MachineChart


MachineChartUpdateResult = Annotated[
    MachineChartUpdateSuccess | ValidationFailed | PermissionDenied | NotFound,
    strawberry.union("MachineChartUpdateResult"),
]


@strawberry.type
class MachineChartQuery:
    @strawberry.field(description="Settings of the machine as a whole. Null for an unknown machine.")
    async def machine_chart(self, info: Info, machine_id: strawberry.ID) -> MachineChart | None:
        _ = info.context.principal
        key = parse_id(machine_id)
        if key is None:
            return None
        async with info.context.reading() as work:
            found = await machine_settings(work, key)
        return None if found is None else MachineChart.of(found)


@strawberry.type
class MachineChartMutation:
    @strawberry.mutation(
        description="Give a machine settings of its own for the chart of it as a whole. They hold for readings from "
        "now on. Admins and operators."
    )
    @returns_errors(ValidationFailed, PermissionDenied, NotFound)
    async def machine_chart_update(
        self,
        info: Info,
        input: MachineChartUpdateInput,  # noqa: A002 - the API's word
    ) -> MachineChartUpdateResult:
        principal = info.context.require(Role.ADMIN, Role.OPERATOR)
        machine_id = require_id(input.machine_id, MACHINE_NOT_FOUND, "machineId")
        changes = None if input.settings is None else input.settings.changes()
        async with info.context.writing() as work:
            journal = info.context.services.journal
            found = await change_machine(work, journal, principal.user_id, machine_id, changes)
        return MachineChartUpdateSuccess(chart=MachineChart.of(found))
