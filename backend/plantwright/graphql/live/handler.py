"""graphql-transport-ws as Strawberry speaks it, save that live frames of the same selection are made once for all.

A subscription of readings first runs by itself, as any operation does: its document is validated, its arguments are
checked, and it gets what was stored after its cursor. When nothing more is stored it joins the group of its selection.
"""

import json
from collections.abc import Callable, Coroutine
from contextlib import aclosing
from typing import Any, Protocol, cast

import orjson
from starlette.websockets import WebSocketDisconnect, WebSocketState
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.schema.schema import StreamResult
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler, Operation
from strawberry.subscriptions.protocols.graphql_transport_ws.types import Message
from strawberry.types import ExecutionResult

from plantwright.graphql.context import Context
from plantwright.graphql.live.groups import Group, SelectionKey
from plantwright.graphql.live.member import Member, TooSlowError
from plantwright.graphql.live.place import PLACE, FrameSelection, Place
from plantwright.graphql.live.registry import FrameGroups

# RFC 6455 registry: "Try Again Later". Clients of the protocol reconnect after it.
TOO_SLOW = 1013


class TextWebSocket(ASGIWebSocketAdapter):
    """Sends payloads that are JSON already."""

    def sender_of(self, operation_id: str) -> Callable[[str], Coroutine[Any, Any, None]]:
        """Sends payloads as `next` messages of an operation."""
        head, send = f'{{"id":{json.dumps(operation_id)},"type":"next","payload":', self.ws.send
        return lambda payload: send({"type": "websocket.send", "text": f"{head}{payload}}}"})

    @property
    def is_closed(self) -> bool:
        return self.ws.application_state is WebSocketState.DISCONNECTED


class _View(Protocol):
    frame_groups: FrameGroups


class MessageHandler(BaseGraphQLTransportWSHandler[Context, None]):
    async def handle_message(self, message: Message) -> None:
        """Closes with 4400 what has not the shape of a message; the base class would fail on it and say nothing."""
        if _has_shape(message):
            await super().handle_message(message)
        else:
            await self.handle_invalid_message("Failed to parse message")

    async def run_operation(self, operation: Operation[Context, None]) -> None:
        PLACE.set(Place())
        await super().run_operation(operation)

    async def _send_result_stream(self, operation: Operation[Context, None], result_source: StreamResult) -> None:
        await super()._send_result_stream(operation, result_source)
        place = PLACE.get()
        if place.caught_up is None or place.position is None or operation.completed:
            return
        key = _key_of(self.context, operation, place.caught_up)
        socket = cast("TextWebSocket", self.websocket)
        member = Member(self.context, place.position, socket.sender_of(operation.id))
        try:
            with cast("_View", self.view).frame_groups.joined(key, operation.variables, member) as group:
                await _send_frames(group, member)
        except (WebSocketDisconnect, RuntimeError):
            # The client has gone, or another operation of the connection has closed it.
            if not socket.is_closed and socket.ws.client_state is not WebSocketState.DISCONNECTED:
                raise
            operation.completed = True
        if isinstance(member.failure, TooSlowError):
            await self._close_slow(operation, member)
        elif member.failure is not None:
            await self._send_failure(operation, member.failure)

    async def _send_failure(self, operation: Operation[Context, None], failure: Exception) -> None:
        """As the operation itself would have failed, with its path and the masks of unexpected errors."""
        PLACE.set(Place(failure=failure))
        results = await self.schema.stream(
            operation.query,
            variable_values=operation.variables,
            context_value=self.context,
            operation_name=operation.operation_name,
        )
        async with aclosing(results):
            async for result in results:
                await operation.send_next(cast("ExecutionResult", result))

    async def _close_slow(self, operation: Operation[Context, None], member: Member) -> None:
        """Comes after the frame that held the socket up, so its end is where the client goes on."""
        operation.completed = True
        self.operations.pop(operation.id, None)
        if not cast("TextWebSocket", self.websocket).is_closed:
            await self.websocket.close(TOO_SLOW, f"Too slow. Resume with since: {member.position}.")


async def _send_frames(group: Group, member: Member) -> None:
    is_whole = await _send_stretch(group, member, group.position)
    while is_whole and (frame := await member.take()) is not None:
        if member.follows(frame):
            await member.send(frame)
        else:
            is_whole = await _send_stretch(group, member, frame.position)


async def _send_stretch(group: Group, member: Member, until: int) -> bool:
    """What the group has given already, or gives in one frame with what the member has; False when it failed."""
    if until <= member.position:
        return True
    stretch = await group.stretch(member.position, until)
    for frame in stretch.frames:
        await member.send(frame)
    return stretch.is_whole


def _key_of(context: Context, operation: Operation[Context, None], selection: FrameSelection) -> SelectionKey:
    principal = context.principal
    variables = dict(operation.variables or {})
    variables.pop(selection.since_variable or "", None)
    return SelectionKey(
        tenant_id=principal.tenant_id,
        role=principal.role,
        query=operation.query,
        operation_name=operation.operation_name,
        variables=orjson.dumps(variables, option=orjson.OPT_SORT_KEYS).decode(),
        selection=selection,
    )


def _has_shape(message: object) -> bool:
    if not isinstance(message, dict) or not isinstance(message.get("id", ""), str):
        return False
    payload: Any = message.get("payload")
    if message.get("type") != "subscribe":
        return True
    return (
        isinstance(payload, dict)
        and isinstance(payload.get("query"), str)
        and isinstance(payload.get("variables"), dict | None)
    )
