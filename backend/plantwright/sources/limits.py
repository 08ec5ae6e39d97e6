"""What a tenant may have; docs/sources.md says why."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from plantwright.identity.models import Tier

SOURCE_LIMITS: Final[Mapping[Tier, int]] = MappingProxyType({Tier.FREE: 2, Tier.PRO: 50, Tier.ENTERPRISE: 1_000})
MAX_TAGS = 1_000
SHORTEST_INTERVAL = 1.0
LONGEST_INTERVAL = 3_600.0
DEFAULT_INTERVAL = 5.0
KEPT_GAPS = 100
LONGEST_TIMEOUT = 30.0
MAX_PROBED = 250
MAX_BROWSED = 1_000
