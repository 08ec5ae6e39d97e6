"""What a sender is told when the database is away, full or overloaded: the same batch may be stored later."""

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from plantwright.core.errors import Unavailable

NO_SPACE = "The database has no disk space left: nothing is stored until its operator makes room"
# Somebody has to make room first.
NO_SPACE_RETRY_SECONDS = 10

_PASSING = (
    OSError,
    TimeoutError,
    PoolTimeout,
    asyncpg.InterfaceError,
    # What asyncpg says when the connection breaks in the middle of a COPY.
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
    asyncpg.PostgresSystemError,
    asyncpg.ReadOnlySQLTransactionError,
)


def outage_of(error: BaseException) -> Unavailable | None:
    """None when the error says something about the request, or is a fault of our own."""
    cause = _cause(error)
    if isinstance(cause, asyncpg.DiskFullError):
        return Unavailable(NO_SPACE, NO_SPACE_RETRY_SECONDS)
    if isinstance(cause, _PASSING):
        return Unavailable("The readings cannot be stored at the moment")
    return None


def _cause(error: BaseException) -> BaseException | None:
    """What the driver said, under the wrappings of SQLAlchemy."""
    return error.orig.__cause__ if isinstance(error, DBAPIError) and error.orig is not None else error
