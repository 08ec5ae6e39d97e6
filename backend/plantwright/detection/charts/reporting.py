"""Runs the episodes of a block and writes the findings."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from plantwright.detection.charts.rounds import Accepted, ReadingBatch, Rounds
from plantwright.detection.charts.state import Episodes
from plantwright.detection.charts.trace import SCORE_LIMIT, Recording, Seen, inputs_of
from plantwright.detection.columns import Bools, Floats
from plantwright.detection.config import ConfigColumns
from plantwright.detection.episodes import Episode, EpisodeRules
from plantwright.detection.findings import Detector, Finding, FindingKind, Severity

DETECTORS = tuple(Detector)


class Verdict(NamedTuple):
    """Scores and violations of one detector in one round, each of shape (lanes,); a score is 0 or more."""

    score: Floats
    violates: Bools


@dataclass(frozen=True, slots=True)
class Found:
    """A finding, and the place in the batch of the reading that caused it."""

    place: int
    detector: int
    finding: Finding


class Watch:
    """The episodes of the lanes of a block; a lane that is calm and has none costs nothing."""

    def __init__(
        self,
        batch: ReadingBatch,
        accepted: Accepted,
        rounds: Rounds,
        episodes: Episodes,
        config: ConfigColumns,
        *,
        recording: Recording | None,
    ) -> None:
        """
        Args:
            batch: as given.
            accepted: what goes through the engine of it.
            rounds: the block.
            episodes: before the batch; not written to.
            config: of the lanes.
            recording: if any, gets what is seen of each reading.
        """
        self.found: list[Found] = []
        self._recording = recording
        self._batch, self._accepted = batch, accepted
        self._rows, self._firsts = rounds.rows, rounds.firsts
        self._config = config
        self._open: list[dict[int, Episode]] = [{} for _ in DETECTORS]
        self._touched: dict[tuple[int, int], Episode] = {}
        self._rules: dict[tuple[int, int], EpisodeRules] = {}
        for place in np.flatnonzero(episodes.count[rounds.rows]).tolist():
            lane, detector = divmod(place, len(DETECTORS))
            episode = Episode.load(episodes, int(rounds.rows[lane]), detector)
            self._open[detector][lane] = self._touched[lane, detector] = episode

    @property
    def is_watching(self) -> bool:
        """Whether every round is of interest: a lane has an episode, or violations that may become one."""
        return self._recording is not None or any(self._open)

    def observe(self, turn: int, verdicts: tuple[Verdict, Verdict, Verdict], seen: Seen) -> None:
        """Take in a round; `seen` as it was when the round was judged."""
        if self._recording is not None:
            places = self._accepted.place[self._firsts[: len(seen.mean)] + turn]
            self._recording.note(places, seen, tuple(verdict.score for verdict in verdicts))
        for detector, verdict in enumerate(verdicts):
            violating = np.flatnonzero(verdict.violates).tolist()
            known = self._open[detector]
            if not violating and not known:
                continue
            lanes = {*violating, *(lane for lane in known if lane < len(verdict.violates))}
            for lane in sorted(lanes):
                self._observe(detector, lane, turn, verdict, seen)

    def _observe(self, detector: int, lane: int, turn: int, verdict: Verdict, seen: Seen) -> None:
        episode = self._touched.get((lane, detector))
        if episode is None:
            episode = self._touched[lane, detector] = Episode()
        row = int(self._rows[lane])
        rules = self._rules_of(detector, lane)
        at = int(self._firsts[lane]) + turn
        time, score = int(self._accepted.time[at]), min(float(verdict.score[lane]), SCORE_LIMIT)
        kind = episode.observe(time, score, bool(verdict.violates[lane]), rules)
        if kind is not None:
            place = int(self._accepted.place[at])
            finding = Finding(
                series=row,
                detector=DETECTORS[detector],
                kind=kind,
                severity=Severity.CRITICAL if episode.is_critical else Severity.WARNING,
                time_ms=time,
                value=float(self._batch.value[place]),
                score=score,
                threshold=rules.threshold,
                started_ms=episode.started,
                last_violation_ms=episode.last_violation,
                count=episode.count,
                peak_score=episode.peak,
                inputs=inputs_of(DETECTORS[detector], seen, lane, float(self._config.ewma_lambda[lane])),
            )
            self.found.append(Found(place, detector, finding))
            if kind is FindingKind.ENDED:
                episode.reset()
        if episode.count:
            self._open[detector][lane] = episode
        else:
            self._open[detector].pop(lane, None)

    def save(self, episodes: Episodes) -> None:
        """Write what has become of the episodes, in place."""
        for (lane, detector), episode in self._touched.items():
            episode.save(episodes, int(self._rows[lane]), detector)

    @property
    def has_touched(self) -> bool:
        return bool(self._touched)

    def _rules_of(self, detector: int, lane: int) -> EpisodeRules:
        key = detector, lane
        if key not in self._rules:
            self._rules[key] = _rules(self._config, DETECTORS[detector], lane)
        return self._rules[key]


def _rules(config: ConfigColumns, detector: Detector, lane: int) -> EpisodeRules:
    thresholds = {
        Detector.STATIC_BASELINE: config.baseline_threshold,
        Detector.EWMA: config.ewma_threshold,
        Detector.RATE_OF_CHANGE: config.rate_threshold,
    }
    threshold = float(thresholds[detector][lane])
    return EpisodeRules(
        threshold=threshold,
        critical=threshold * float(config.critical_factor[lane]),
        # A spike lasts one reading, so the rate of change cannot wait for a second.
        confirm=1 if detector is Detector.RATE_OF_CHANGE else int(config.confirm_readings[lane]),
        clear_ms=int(config.clear_seconds[lane]) * 1000,
    )
