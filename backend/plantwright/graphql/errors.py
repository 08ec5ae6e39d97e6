"""Expected errors as members of mutation unions, unexpected ones masked with a correlation id."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from uuid import uuid4

import strawberry
import structlog
from graphql import GraphQLError
from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from strawberry.extensions import MaskErrors

from plantwright.core import errors as domain
from plantwright.readings.ingest.outages import outage_of

log = structlog.get_logger()

# character_not_in_repertoire: PostgreSQL's text cannot hold it
_NUL_IN_TEXT = "22021"

P = ParamSpec("P")
T = TypeVar("T")


@strawberry.interface(description="Something the caller can put right.")
class UserError:
    code: str = strawberry.field(description="Stable identifier of the kind of error.")
    message: str = strawberry.field(description="What was wrong and what to do, for people.")
    path: list[str] = strawberry.field(description="Input fields concerned, outermost first.")


@strawberry.type(description="The input breaks a rule.")
class ValidationFailed(UserError):
    pass


@strawberry.type(description="The role does not allow this.")
class PermissionDenied(UserError):
    pass


@strawberry.type(description="There is no such thing in this tenant.")
class NotFound(UserError):
    pass


@strawberry.type(description="It exists already, or has changed meanwhile.")
class Conflict(UserError):
    pass


@strawberry.type(description="Unknown e-mail or wrong password.")
class InvalidCredentials(UserError):
    pass


@strawberry.type(description="Too many failed logins.")
class TooManyAttempts(UserError):
    retry_after_seconds: int = strawberry.field(description="When the next attempt is allowed.")


_MEMBERS: dict[type[domain.DomainError], type[UserError]] = {
    domain.ValidationFailed: ValidationFailed,
    domain.PermissionDenied: PermissionDenied,
    domain.NotFound: NotFound,
    domain.Conflict: Conflict,
    domain.InvalidCredentials: InvalidCredentials,
    domain.TooManyAttempts: TooManyAttempts,
}


def as_union_member(error: domain.DomainError) -> UserError:
    member = _MEMBERS[type(error)]
    fields: dict[str, Any] = {"code": error.code, "message": error.message, "path": list(error.path)}
    if isinstance(error, domain.TooManyAttempts):
        fields["retry_after_seconds"] = error.retry_after_seconds
    return member(**fields)


def returns_errors(
    *members: type[UserError],
) -> Callable[[Callable[P, Awaitable[T]]], Callable[P, Awaitable[T]]]:
    """Turn the named domain errors of a mutation into members of its union; others stay top-level errors."""
    kinds = tuple(kind for kind, member in _MEMBERS.items() if member in members)

    def decorate(resolver: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
        @wraps(resolver)
        async def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
            try:
                return await resolver(*args, **kwargs)
            except kinds as error:
                return as_union_member(error)  # type: ignore[return-value]

        return wrapper

    return decorate


class MaskUnexpected(MaskErrors):
    """Domain errors keep their message and get their code; anything else becomes a correlation id in answer and log."""

    def __init__(self) -> None:
        super().__init__(should_mask_error=_needs_rewriting)

    def anonymise_error(self, error: GraphQLError) -> GraphQLError:
        original = error.original_error
        if isinstance(original, domain.DomainError):
            return _rewrite(error, original.message, {"code": original.code})
        if (known := known_fault(original)) is not None:
            return _rewrite(error, known.message, {"code": known.code})
        correlation_id = uuid4().hex
        log.error("unexpected_error", correlation_id=correlation_id, path=error.path, exc_info=original)
        return _rewrite(
            error,
            f"Something went wrong on our side. Quote {correlation_id} when you report it.",
            {"code": "INTERNAL", "correlationId": correlation_id},
        )


def known_fault(error: Exception | None) -> domain.DomainError | None:
    """Faults of the database that say something about the request or pass by themselves."""
    if isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) == _NUL_IN_TEXT:
        return domain.ValidationFailed("Text must not contain the character U+0000.")
    is_passing = isinstance(error, InterfaceError | OperationalError | PoolTimeout | OSError | RedisError)
    # A server that is starting, or full, gives errors that SQLAlchemy has no class of its own for.
    if is_passing or (isinstance(error, DBAPIError) and outage_of(error) is not None):
        log.warning("backend_unavailable", error=type(error).__name__)
        return domain.Unavailable("The server cannot answer right now. Try again shortly.")
    return None


def _needs_rewriting(error: GraphQLError) -> bool:
    """Errors of parsing, validation and input coercion have no original error or a GraphQLError as one."""
    return error.original_error is not None and not isinstance(error.original_error, GraphQLError)


def _rewrite(error: GraphQLError, message: str, extensions: dict[str, Any]) -> GraphQLError:
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )
