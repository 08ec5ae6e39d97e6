"""A list costs the same number of SQL statements however long it is."""

from collections.abc import Iterator
from contextlib import contextmanager

from plantwright.graphql.context import Services
from sqlalchemy import event
from starlette.applications import Starlette

from tests.factories import MachineFactory, MadeTenant
from tests.graphql_client import GraphQLClient

MACHINES = """{ machines(first: 100) { totalCount nodes {
  id activeAlertCount unacknowledgedAlertCount lastReadingAt health { score deductions { rule } }
  latest { metrics values }
  metrics { name latest { value } detection { ewmaLambda } } } } }"""


@contextmanager
def counted(services: Services) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(*arguments: object) -> None:
        statements.append(str(arguments[2]))

    engine = services.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def test_machines_with_everything_below_them(
    api: Starlette, graphql: GraphQLClient, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    token = await graphql.login(tenant)
    counts = []
    for _ in range(2):
        for _ in range(4):
            await make_machine(tenant, metrics={"vibration_rms": "mm/s", "flow": "l/min"})
        with counted(api.state.services) as statements:
            answer = await graphql.send(MACHINES, token=token)
        assert answer.status_code == 200, answer.text
        counts.append(len(statements))
    assert counts[0] == counts[1], statements
    assert counts[0] <= 30
