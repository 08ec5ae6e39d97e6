"""Runs the episodes of a batch and writes the findings."""

from dataclasses import dataclass

import numpy as np

from plantwright.detection.columns import Bools, Floats
from plantwright.detection.config import ConfigColumns
from plantwright.detection.episodes import Episode, EpisodeRules
from plantwright.detection.findings import Detector, Finding, FindingKind, Severity
from plantwright.detection.rounds import ReadingBatch, Rounds
from plantwright.detection.state import Episodes
from plantwright.detection.trace import Trace, inputs_of

_ORDER = {detector: number for number, detector in enumerate(Detector)}


@dataclass(frozen=True, slots=True)
class Judged:
    """A batch that has been scored; the rows of `config` are the lanes of `rounds`."""

    batch: ReadingBatch
    rounds: Rounds
    trace: Trace
    scores: dict[Detector, Floats]
    config: ConfigColumns


def report(judged: Judged, episodes: Episodes) -> list[tuple[int, Finding]]:
    """Findings with the place of the reading that caused them, in that order; `episodes` is brought up to date in
    place.
    """
    found: list[tuple[int, int, Finding]] = []
    for detector, scores in judged.scores.items():
        threshold = _thresholds(judged.config, detector)[judged.rounds.lane]
        violates = (scores >= threshold) & judged.config.enabled[judged.rounds.lane]
        for lane in _concerned(judged.rounds, episodes, detector, violates):
            found += _run_lane(judged, episodes, detector, lane, violates)
    found.sort(key=lambda entry: entry[:2])
    return [(place, finding) for place, _, finding in found]


def _concerned(rounds: Rounds, episodes: Episodes, detector: Detector, violates: Bools) -> list[int]:
    """Lanes with a violation in the batch, or with one that is still remembered."""
    concerned = episodes.count[rounds.rows, _ORDER[detector]] > 0
    concerned[rounds.lane[violates]] = True
    return np.flatnonzero(concerned).tolist()


def _run_lane(
    judged: Judged, episodes: Episodes, detector: Detector, lane: int, violates: Bools
) -> list[tuple[int, int, Finding]]:
    found = []
    rounds, number = judged.rounds, _ORDER[detector]
    row = int(rounds.rows[lane])
    rules = _rules(judged.config, detector, lane)
    episode = Episode.load(episodes, row, number)
    indices = rounds.of_lane(lane)
    times = rounds.time[indices].tolist()
    scores = judged.scores[detector][indices].tolist()
    for index, time, score, violating in zip(indices, times, scores, violates[indices].tolist(), strict=True):
        kind = episode.observe(time, score, violating, rules)
        if kind is None:
            continue
        finding = _finding(judged, detector, index, kind, episode=episode, rules=rules)
        found.append((int(rounds.position[index]), number, finding))
        if kind is FindingKind.ENDED:
            episode.reset()
    episode.save(episodes, row, number)
    return found


def _finding(
    judged: Judged, detector: Detector, index: int, kind: FindingKind, *, episode: Episode, rules: EpisodeRules
) -> Finding:
    rounds = judged.rounds
    lane = int(rounds.lane[index])
    return Finding(
        series=int(rounds.rows[lane]),
        detector=detector,
        kind=kind,
        severity=Severity.CRITICAL if episode.is_critical else Severity.WARNING,
        time_ms=int(rounds.time[index]),
        value=float(judged.batch.value[rounds.position[index]]),
        score=float(judged.scores[detector][index]),
        threshold=rules.threshold,
        started_ms=episode.started,
        count=episode.count,
        peak_score=episode.peak,
        inputs=inputs_of(detector, rounds, judged.trace, index, float(judged.config.ewma_lambda[lane])),
    )


def _thresholds(config: ConfigColumns, detector: Detector) -> Floats:
    return {
        Detector.STATIC_BASELINE: config.baseline_threshold,
        Detector.EWMA: config.ewma_threshold,
        Detector.RATE_OF_CHANGE: config.rate_threshold,
    }[detector]


def _rules(config: ConfigColumns, detector: Detector, lane: int) -> EpisodeRules:
    threshold = float(_thresholds(config, detector)[lane])
    return EpisodeRules(
        threshold=threshold,
        critical=threshold * float(config.critical_factor[lane]),
        # A spike lasts one reading, so the rate of change cannot wait for a second.
        confirm=1 if detector is Detector.RATE_OF_CHANGE else int(config.confirm_readings[lane]),
        clear_ms=int(config.clear_seconds[lane]) * 1000,
    )
