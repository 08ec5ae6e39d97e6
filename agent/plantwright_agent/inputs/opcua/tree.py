"""Several levels of what a server offers, over one connection."""

from collections.abc import Callable

from plantwright_agent.inputs.opcua.browse import BrowsedNode, browse_level, browsing
from plantwright_agent.inputs.opcua.config import OpcUaConnection
from plantwright_agent.inputs.opcua.reader import OpcUaReader

Tree = list[tuple[int, BrowsedNode]]


def is_of_the_plant(node: BrowsedNode) -> bool:
    """Not of the standard's own namespace, where every server describes itself."""
    return node.stable_node_id.startswith("nsu=")


async def browse_tree(
    connection: OpcUaConnection,
    parent: str | None,
    *,
    depth: int,
    limit: int,
    source: str,
    wanted: Callable[[BrowsedNode], bool] = lambda _: True,
) -> Tree:
    """Nodes with their level, each before those below it; what is not wanted is left out with all below it.

    Raises PermanentInputError (unknown parent, not trusted, wrong user) or RetryableInputError.
    """
    async with browsing(connection, parent, source) as reader:
        return await _Walk(reader, depth, limit, wanted).walk(parent)


class _Walk:
    """A node that is met again is shown again, but not entered again: references may run in circles."""

    def __init__(self, reader: OpcUaReader, depth: int, limit: int, wanted: Callable[[BrowsedNode], bool]) -> None:
        self._reader = reader
        self._depth = depth
        self._limit = limit
        self._wanted = wanted
        self._entered: set[str] = set()
        self._found: Tree = []

    async def walk(self, parent: str | None) -> Tree:
        await self._enter(parent, 0)
        return self._found

    async def _enter(self, node_id: str | None, level: int) -> None:
        for node in filter(self._wanted, await browse_level(self._reader, node_id, self._limit)):
            self._found.append((level, node))
            if level + 1 < self._depth and node.node_class == "Object" and node.node_id not in self._entered:
                self._entered.add(node.node_id)
                await self._enter(node.node_id, level + 1)
