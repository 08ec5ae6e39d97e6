"""Which errors of a real server let a sender try again, seen through the driver and through SQLAlchemy."""

import asyncpg
import pytest
from plantwright.core.errors import Unavailable
from plantwright.core.settings import Settings
from plantwright.graphql.errors import known_fault
from plantwright.readings.ingest.outages import NO_SPACE, NO_SPACE_RETRY_SECONDS, outage_of
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.conftest import Databases

RAISE = "DO $$ BEGIN RAISE EXCEPTION 'made up' USING ERRCODE = '{}'; END $$"
STARTING, FULL, TOO_MANY, IO_ERROR, SERIALIZATION = "57P03", "53100", "53300", "58030", "40001"
DUPLICATE, FAULT_OF_OURS = "23505", "42P01"


async def errors_of(settings: Settings, databases: Databases, code: str) -> tuple[Exception, Exception]:
    """The error of this SQLSTATE as the writer meets it, and as everybody else does."""
    connection = await asyncpg.connect(settings.role_url("ingest"))
    try:
        with pytest.raises(asyncpg.PostgresError) as plain:
            await connection.execute(RAISE.format(code))
    finally:
        await connection.close()
    with pytest.raises(DBAPIError) as wrapped:
        async with databases.app.transaction() as work:
            await work.execute(text(RAISE.format(code)))
    return plain.value, wrapped.value


@pytest.mark.parametrize("code", [STARTING, TOO_MANY, IO_ERROR, SERIALIZATION])
async def test_a_server_in_trouble_may_be_asked_again_shortly(
    settings: Settings, databases: Databases, code: str
) -> None:
    for error in await errors_of(settings, databases, code):
        outage = outage_of(error)
        assert outage is not None
        assert outage.retry_after_seconds == 1


async def test_a_full_disk_is_named(settings: Settings, databases: Databases) -> None:
    for error in await errors_of(settings, databases, FULL):
        outage = outage_of(error)
        assert outage is not None
        assert (outage.message, outage.retry_after_seconds) == (NO_SPACE, NO_SPACE_RETRY_SECONDS)


@pytest.mark.parametrize("code", [DUPLICATE, FAULT_OF_OURS])
async def test_what_the_request_or_we_did_wrong_is_no_outage(
    settings: Settings, databases: Databases, code: str
) -> None:
    assert [outage_of(error) for error in await errors_of(settings, databases, code)] == [None, None]


@pytest.mark.parametrize("code", [STARTING, FULL])
async def test_queries_and_changes_answer_unavailable_too(settings: Settings, databases: Databases, code: str) -> None:
    _, error = await errors_of(settings, databases, code)
    assert isinstance(known_fault(error), Unavailable)


def test_a_server_that_cannot_be_reached_may_be_asked_again() -> None:
    assert outage_of(ConnectionRefusedError()) is not None
