"""Calls of the buffer that are made a second time: after damage on a new file, on a full disk with the ballast gone."""

import sqlite3
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from plantwright_agent.buffer.ballast import Ballast
from plantwright_agent.buffer.file import is_damage
from plantwright_agent.errors import BufferFullError


class Rescuable(Protocol):
    ballast: Ballast

    def replace(self, error: sqlite3.Error) -> None:
        """Go on with a new file."""


Owner = TypeVar("Owner", bound=Rescuable)
Given = ParamSpec("Given")
Result = TypeVar("Result")


def surviving_damage(
    method: Callable[Concatenate[Owner, Given], Result],
) -> Callable[Concatenate[Owner, Given], Result]:
    """When the file turns out to be damaged, it is replaced and the call is made again."""

    @wraps(method)
    def call(owner: Owner, /, *args: Given.args, **kwargs: Given.kwargs) -> Result:
        try:
            return method(owner, *args, **kwargs)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            owner.replace(error)
            return method(owner, *args, **kwargs)

    return call


def vital(method: Callable[Concatenate[Owner, Given], Result]) -> Callable[Concatenate[Owner, Given], Result]:
    """On a full disk the call is made again with the space held back: it is one by which the buffer becomes emptier."""

    @wraps(method)
    def call(owner: Owner, /, *args: Given.args, **kwargs: Given.kwargs) -> Result:
        try:
            return method(owner, *args, **kwargs)
        except BufferFullError:
            if not owner.ballast.let_go():
                raise
            return method(owner, *args, **kwargs)

    return call
