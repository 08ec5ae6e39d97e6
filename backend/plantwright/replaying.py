"""`plantwright replay` over every room whose findings can be derived again."""

from plantwright.detection.replay.cli import replay_app
from plantwright.detection.replay.machine_replay import MachineDerivation
from plantwright.detection.replay.replay import SeriesDerivation
from plantwright.rules.replay import RuleDerivation

app = replay_app((SeriesDerivation(), MachineDerivation(), RuleDerivation()))
