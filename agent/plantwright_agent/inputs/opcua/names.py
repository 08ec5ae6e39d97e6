"""What the configuration calls a node, and which node that is on the connected server.

Namespace indexes may change whenever a server restarts; a name by URI is turned into an index at each connection.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from asyncua import ua
from asyncua.ua.uaerrors import UaError

from plantwright_agent.inputs.opcua.config import OpcUaNode
from plantwright_agent.inputs.opcua.reader import OpcUaReader
from plantwright_agent.inputs.opcua.values import refused_status
from plantwright_agent.inputs.opcua.wellknown import HIERARCHICAL, ROOT

WITH_URI = re.compile(r"^nsu=([^;]+);(.+)$", re.DOTALL)
STEP = re.compile(r"(?:\{(?P<uri>[^{}]*)\}|(?P<index>\d+):)?(?P<name>(?:&.|[^&/])+)(?:/|$)", re.DOTALL)
WHOLE = 0xFFFFFFFF


class UnknownNameError(ValueError):
    """The name does not lead to a node; the text says why."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """A node, or why there is none."""

    node_id: ua.NodeId | None
    reason: str = ""


def node_id_of(text: str, uris: Sequence[str]) -> ua.NodeId:
    """`ns=2;s=Pump`, `nsu=http://…;s=Pump` or `i=85` as a node id. Raises UnknownNameError."""
    if match := WITH_URI.match(text):
        text = f"ns={_index(match[1], uris)};{match[2]}"
    try:
        return ua.NodeId.from_string(text)
    except (UaError, ValueError) as error:
        raise UnknownNameError(f"{text} is not a node id") from error


def with_uri(node_id: ua.NodeId, uris: Sequence[str]) -> str:
    """The node id in the form that survives a change of indexes."""
    index = int(node_id.NamespaceIndex)
    text = str(node_id.to_string())
    return text if index == 0 or index >= len(uris) else re.sub(r"^ns=\d+;", lambda _: f"nsu={uris[index]};", text)


def steps_of(path: str, uris: Sequence[str]) -> list[ua.QualifiedName]:
    """`Objects/2:Plant/{http://acme.com/}Pump` as browse names from the root. Raises UnknownNameError.

    `&` in front of a character takes it as it is: `2:A&/B` is the name `A/B`.
    """
    rest = path.removeprefix("/").removeprefix("Root/")
    found: list[ua.QualifiedName] = []
    place = 0
    while place < len(rest):
        match = STEP.match(rest, place)
        if match is None or match.end() == match.start():
            raise UnknownNameError(f"{path} is not a path at character {place + 1}")
        index = _index(match["uri"], uris) if match["uri"] is not None else int(match["index"] or 0)
        found.append(ua.QualifiedName(re.sub(r"&(.)", r"\1", match["name"]), index))
        place = match.end()
    return found


def step_text(name: ua.QualifiedName) -> str:
    """A browse name as a step of a path."""
    plain = re.sub(r"([&/{}])", r"&\1", name.Name or "")
    if name.NamespaceIndex:
        return f"{name.NamespaceIndex}:{plain}"
    return f"0:{plain}" if re.match(r"\d+:", plain) else plain


async def resolve(reader: OpcUaReader, nodes: Sequence[OpcUaNode]) -> list[Resolved]:
    """One answer per node. Raises UaError or OSError when the server refuses the question as a whole."""
    by_name = any(node.path is not None or (node.node_id or "").startswith("nsu=") for node in nodes)
    uris = await reader.namespaces() if by_name else []
    by_path = iter(await resolve_paths(reader, [node.path for node in nodes if node.path is not None], uris))
    return [next(by_path) if node.path is not None else _resolved_id(node.node_id or "", uris) for node in nodes]


async def resolve_paths(reader: OpcUaReader, paths: Sequence[str], uris: Sequence[str]) -> list[Resolved]:
    """One answer per path. Raises UaError or OSError when the server refuses the question as a whole."""
    answers: list[Resolved | None] = []
    asked: list[ua.BrowsePath] = []
    for path in paths:
        try:
            asked.append(_browse_path(steps_of(path, uris)))
            answers.append(None)
        except UnknownNameError as error:
            answers.append(Resolved(None, str(error)))
    results = iter(await reader.translate(asked) if asked else [])
    return [answer or _resolved(next(results)) for answer in answers]


def element(reference: ua.NodeId, name: ua.QualifiedName) -> ua.RelativePathElement:
    """One step forward along the reference type or one derived from it."""
    forward: Any = False  # the library types its booleans as a class of its own
    return ua.RelativePathElement(ReferenceTypeId=reference, IsInverse=forward, TargetName=name)


def _browse_path(names: list[ua.QualifiedName]) -> ua.BrowsePath:
    elements = [element(HIERARCHICAL, name) for name in names]
    return ua.BrowsePath(ROOT, ua.RelativePath(elements))


def _resolved_id(text: str, uris: Sequence[str]) -> Resolved:
    try:
        return Resolved(node_id_of(text, uris))
    except UnknownNameError as error:
        return Resolved(None, str(error))


def _resolved(result: ua.BrowsePathResult) -> Resolved:
    if not result.StatusCode.is_good():
        return Resolved(None, refused_status(result.StatusCode) or str(result.StatusCode.name))
    targets = [target.TargetId for target in result.Targets or [] if target.RemainingPathIndex == WHOLE]
    if not targets:
        return Resolved(None, "leads to another server")
    if len(targets) > 1:
        return Resolved(None, f"leads to {len(targets)} nodes; name one of them by its node_id")
    target = targets[0]
    return Resolved(ua.NodeId(target.Identifier, target.NamespaceIndex, target.NodeIdType))


def _index(uri: str, uris: Sequence[str]) -> int:
    try:
        return list(uris).index(uri)
    except ValueError:
        raise UnknownNameError(f"the server has no namespace {uri}") from None
