"""What a server has to offer, one level at a time, for a person who picks nodes."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from asyncua import ua
from asyncua.ua import uaerrors
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.uaerrors import UaError

from plantwright_agent.errors import PermanentInputError
from plantwright_agent.inputs.opcua.config import OpcUaConnection
from plantwright_agent.inputs.opcua.connect import connected
from plantwright_agent.inputs.opcua.names import WHOLE, UnknownNameError, element, node_id_of, step_text, with_uri
from plantwright_agent.inputs.opcua.reader import OpcUaReader
from plantwright_agent.inputs.opcua.refusals import refusal
from plantwright_agent.inputs.opcua.values import OTHERS, TEXTS, quality, refused_type, status_name
from plantwright_agent.inputs.opcua.wellknown import HAS_PROPERTY, HIERARCHICAL, OBJECTS, ROOT

DEEPEST = 50
ATTRIBUTES = (AttributeIds.Value, AttributeIds.DataType, AttributeIds.UserAccessLevel)
CURRENT_READ = 1
UNKNOWN_NODES = (uaerrors.BadNodeIdUnknown, uaerrors.BadNodeIdInvalid)


@dataclass(frozen=True, slots=True)
class BrowsedNode:
    """One node below the parent. `node_class` is Object, Variable, Method …; the last five are for variables.

    `stable_node_id` names the namespace by URI and survives a change of indexes; `path` leads there from the root.
    `value` is text as a person reads it. `why_not` says why a variable cannot become readings; empty when it can.
    """

    node_id: str
    stable_node_id: str
    path: str
    name: str
    node_class: str
    data_type: str
    value: str
    unit: str
    is_readable: bool
    why_not: str


async def browse(
    connection: OpcUaConnection, parent: str | None, *, limit: int = 1000, source: str = ""
) -> list[BrowsedNode]:
    """The nodes one level below `parent` (a node id; None is the Objects folder), at most `limit`.

    Raises PermanentInputError (unknown parent, not trusted, wrong user) or RetryableInputError.
    """
    async with browsing(connection, parent, source) as reader:
        return await browse_level(reader, parent, limit)


@asynccontextmanager
async def browsing(connection: OpcUaConnection, parent: str | None, source: str) -> AsyncIterator[OpcUaReader]:
    """A connected reader; what goes wrong with it is said as `browse` says it."""
    reader = await connected(connection, source)
    try:
        yield reader
    except UnknownNameError as error:
        raise PermanentInputError(str(error)) from error
    except UNKNOWN_NODES as error:
        raise PermanentInputError(f"{connection.endpoint} has no node {parent}") from error
    except (UaError, OSError) as error:
        raise refusal(connection.endpoint, error) from error
    finally:
        await reader.close()


async def browse_level(reader: OpcUaReader, parent: str | None, limit: int) -> list[BrowsedNode]:
    """As `browse`, on a reader that is connected already. Raises UnknownNameError, UaError or OSError."""
    uris = await reader.namespaces()
    start = OBJECTS if parent is None else node_id_of(parent, uris)
    prefix = await _path_of(reader, start)
    found = await reader.browse(_children(start), limit)
    local = [item for item in found if not getattr(item.NodeId, "ServerIndex", 0)]
    details = await _details(reader, [item for item in local if item.NodeClass == ua.NodeClass.Variable])
    return [_browsed(item, prefix, details.get(_plain(item.NodeId)), uris) for item in local]


@dataclass(frozen=True, slots=True)
class _Details:
    value: ua.DataValue
    data_type: str
    unit: str
    may_read: bool


def _browsed(
    item: ua.ReferenceDescription, prefix: list[str], details: _Details | None, uris: Sequence[str]
) -> BrowsedNode:
    node_id = _plain(item.NodeId)
    why_not = "" if details is None else _why_not(details)
    return BrowsedNode(
        node_id=str(node_id.to_string()),
        stable_node_id=with_uri(node_id, uris),
        path="/".join([*prefix, step_text(item.BrowseName)]),
        name=item.DisplayName.Text or item.BrowseName.Name or "",
        node_class=str(ua.NodeClass(item.NodeClass).name),
        data_type="" if details is None else details.data_type,
        value="" if details is None else _text(details.value),
        unit="" if details is None else details.unit,
        is_readable=details is not None and not why_not,
        why_not=why_not,
    )


def _why_not(details: _Details) -> str:
    if not details.may_read:
        return "this user may not read it"
    status = details.value.StatusCode
    variant = details.value.Value
    if variant is None or variant.Value is None:
        if details.data_type in TEXTS or details.data_type in OTHERS:
            return f"holds {details.data_type}; only numbers and booleans become readings"
        return "" if quality(status) != "bad" else f"has no value now: {status_name(status)}"
    return refused_type(variant, None)


def _text(data: ua.DataValue) -> str:
    value = None if data.Value is None else data.Value.Value
    if value is None:
        return ""
    text = str(value)
    return text if len(text) <= 200 else f"{text[:199]}…"  # noqa: PLR2004 - a line on a screen


async def _details(reader: OpcUaReader, items: Sequence[ua.ReferenceDescription]) -> dict[ua.NodeId, _Details]:
    nodes = [_plain(item.NodeId) for item in items]
    if not nodes:
        return {}
    answers = await reader.read([ua.ReadValueId(node, attribute) for node in nodes for attribute in ATTRIBUTES])
    units = await _units(reader, nodes)
    values, types, levels = (answers[index :: len(ATTRIBUTES)] for index in range(len(ATTRIBUTES)))
    names = await _type_names(reader, [None if data.Value is None else data.Value.Value for data in types])
    return {
        node: _Details(value, name, unit, _may_read(level))
        for node, value, name, unit, level in zip(nodes, values, names, units, levels, strict=True)
    }


async def _units(reader: OpcUaReader, nodes: Sequence[ua.NodeId]) -> list[str]:
    """The engineering unit of each node, empty where the server names none."""
    step = element(HAS_PROPERTY, ua.QualifiedName("EngineeringUnits", 0))
    paths = [ua.BrowsePath(node, ua.RelativePath([step])) for node in nodes]
    properties: dict[int, ua.NodeId] = {}
    for index, result in enumerate(await reader.translate(paths)):
        for target in result.Targets or []:
            if result.StatusCode.is_good() and target.RemainingPathIndex == WHOLE:
                properties[index] = _plain(target.TargetId)
    wanted = [ua.ReadValueId(node, AttributeIds.Value) for node in properties.values()]
    answers = dict(zip(properties, await reader.read(wanted) if wanted else [], strict=True))
    return [_unit(answers.get(index)) for index in range(len(nodes))]


def _unit(data: ua.DataValue | None) -> str:
    value = None if data is None or data.Value is None else data.Value.Value
    return (value.DisplayName.Text or "") if isinstance(value, ua.EUInformation) else ""


async def _type_names(reader: OpcUaReader, types: Sequence[object]) -> list[str]:
    """Names of data types; those of the server's own are read from it."""
    own = {item for item in types if isinstance(item, ua.NodeId)}
    asked = [ua.ReadValueId(item, AttributeIds.BrowseName) for item in own]
    answers = await reader.read(asked) if asked else []
    names = {
        item: str(data.Value.Value.Name)
        for item, data in zip(own, answers, strict=True)
        if data.Value is not None and isinstance(data.Value.Value, ua.QualifiedName)
    }
    return [names.get(item, "") if isinstance(item, ua.NodeId) else "" for item in types]


async def _path_of(reader: OpcUaReader, node: ua.NodeId) -> list[str]:
    """Steps from the root to the node, by the first parent of each; empty for a node outside the hierarchy."""
    steps: list[str] = []
    for _ in range(DEEPEST):
        if node == ROOT:
            return steps[::-1]
        [name] = await reader.read([ua.ReadValueId(node, AttributeIds.BrowseName)])
        parents = await reader.browse(_parents(node), 1)
        if name.Value is None or not parents:
            return []
        steps.append(step_text(name.Value.Value))
        node = _plain(parents[0].NodeId)
    return []


def _children(node: ua.NodeId) -> ua.BrowseDescription:
    return _description(node, ua.BrowseDirection.Forward)


def _parents(node: ua.NodeId) -> ua.BrowseDescription:
    return _description(node, ua.BrowseDirection.Inverse)


def _description(node: ua.NodeId, direction: ua.BrowseDirection) -> ua.BrowseDescription:
    return ua.BrowseDescription(
        NodeId=node,
        BrowseDirection=direction,
        ReferenceTypeId=HIERARCHICAL,
        IncludeSubtypes=True,
        NodeClassMask=0,
        ResultMask=ua.BrowseResultMask.All,
    )


def _may_read(level: ua.DataValue) -> bool:
    value = None if level.Value is None else level.Value.Value
    return not isinstance(value, int) or bool(value & CURRENT_READ)


def _plain(node_id: ua.NodeId) -> ua.NodeId:
    """Without the parts only an expanded node id has."""
    return ua.NodeId(node_id.Identifier, node_id.NamespaceIndex, node_id.NodeIdType)
