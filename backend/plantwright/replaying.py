"""`plantwright replay` over every room whose findings can be derived again."""

from plantwright.detection.replay.cli import replay_app
from plantwright.detection.replay.replay import SeriesDerivation

app = replay_app((SeriesDerivation(),))
