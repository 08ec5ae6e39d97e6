"""What a rule may be, and may cost."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from plantwright.rules.definition import (
    Comparison,
    Definition,
    Deviation,
    InService,
    InState,
    Leaf,
    NoData,
    Range,
    Rate,
    Running,
    leaves,
)

MAX_RULES = 500
# A rule on a machine counts once; a template as often as there are machines of its kind.
MAX_WATCHED = 5_000
MAX_CONDITIONS = 32
MAX_DEPTH = 5
MAX_METRICS = 16
MAX_MACHINES = 8
MAX_OVERRIDES = 500
MAX_COST = 100
DAY_SECONDS = 86_400
MAX_SECONDS = 7 * DAY_SECONDS
MAX_RATE_SECONDS = DAY_SECONDS
MAX_HOURS = 168
MAX_COUNT = 100

# In comparisons of a value with a number, about.
_COSTS: Final[Mapping[type, int]] = MappingProxyType(
    {Comparison: 1, Range: 1, InState: 1, Running: 1, InService: 1, NoData: 1, Rate: 4, Deviation: 8}
)


def cost_of(definition: Definition) -> int:
    """Of one machine: each condition costs what judging a reading takes, in comparisons with a number."""
    return sum(_cost(leaf) for leaf, _path in leaves(definition))


def _cost(leaf: Leaf) -> int:
    return _COSTS[type(leaf)] + (leaf.count > 1)
