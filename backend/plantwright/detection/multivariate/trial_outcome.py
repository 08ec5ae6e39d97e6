"""What a trial of the machine-level chart comes to: episodes, and columns for its picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from plantwright.detection.columns import Bools, Floats, Ints, bucket_starts, greatest_of_buckets
from plantwright.detection.episodes import Episode
from plantwright.detection.findings import FindingKind, Severity
from plantwright.detection.multivariate.config import MultivariateConfig
from plantwright.detection.multivariate.engine import Stepped
from plantwright.detection.multivariate.findings import MachineFinding, message_of
from plantwright.detection.multivariate.state import MachineState
from plantwright.readings.ingest.segments import DAY_MS


@dataclass(frozen=True, slots=True)
class MachineEpisode:
    """`ended_ms` is None while it goes on at the end of the period."""

    severity: Severity
    started_ms: int
    ended_ms: int | None
    peak_score: float
    message: str


@dataclass(frozen=True, slots=True)
class MachineOutcome:
    """What one choice of settings finds; `per_day` counts the episodes that start on each UTC day of the period."""

    config: MultivariateConfig
    episodes: list[MachineEpisode]
    per_day: list[int]


@dataclass(frozen=True, slots=True)
class MachinePoints:
    """Frames in buckets of equally many, in order of time; the greatest of each, NaN where nothing was judged.

    `t2` and `q` are roots of the statistics' ratios to their limits, so the score is the greater of them.
    """

    times: Ints
    scores: Floats
    t2: Floats
    q: Floats


@dataclass(frozen=True, slots=True)
class Scores:
    """Of n frames in order of time, each of shape (n,); NaN where a frame was not judged."""

    times: Ints
    scores: Floats
    t2: Floats
    q: Floats

    @classmethod
    def of(cls, stepped: Stepped) -> "Scores":
        columns: list[tuple[Ints, Floats, Floats, Floats]] = []
        for frames, judged in zip(stepped.frames, stepped.judged, strict=True):
            is_judged = judged.is_judged
            scores = np.where(is_judged, judged.score, np.nan)
            t2 = _distance(judged.t2, judged.t2_limit, is_judged)
            q = _distance(judged.q, judged.q_limit, is_judged & (judged.q_limit > 0.0))
            columns.append((frames.time, scores, t2, q))
        return cls(*_joined(columns))

    @classmethod
    def joined(cls, parts: "Sequence[Scores]") -> "Scores":
        return cls(*_joined([(part.times, part.scores, part.t2, part.q) for part in parts]))


def outcome_of(
    config: MultivariateConfig,
    findings: Sequence[MachineFinding],
    going_on: Episode,
    names: Mapping[int, str],
    days: Sequence[int],
) -> MachineOutcome:
    """
    Args:
        config: by which it was found.
        findings: in order of time.
        going_on: the episode at the end; its findings may not have told its peak yet.
        names: of the metrics by series.
        days: numbers of the UTC days of the period.
    """
    by_start: dict[int, list[MachineFinding]] = {}
    for finding in findings:
        by_start.setdefault(finding.started_ms, []).append(finding)
    episodes = [_episode(steps, going_on, names) for _, steps in sorted(by_start.items())]
    starts = [episode.started_ms // DAY_MS for episode in episodes]
    return MachineOutcome(config, episodes, [starts.count(day) for day in days])


def _episode(findings: Sequence[MachineFinding], going_on: Episode, names: Mapping[int, str]) -> MachineEpisode:
    last = findings[-1]
    worst = max(findings, key=lambda finding: finding.score)
    metrics = [names.get(series, f"series {series}") for series in worst.inputs["series"]]
    is_going_on = last.kind is not FindingKind.ENDED
    return MachineEpisode(
        severity=last.severity,
        started_ms=last.started_ms,
        ended_ms=None if is_going_on else last.time_ms,
        peak_score=going_on.peak if is_going_on else last.peak_score,
        message=message_of(worst, metrics),
    )


def judged_by(state: MachineState, names: Mapping[int, str]) -> list[str]:
    if state.reference is None:
        return []
    used = zip(state.series, state.reference.used.tolist(), strict=True)
    return [names.get(series, f"series {series}") for series, takes_part in used if takes_part]


def points_of(scores: Scores, most: int) -> MachinePoints:
    first = bucket_starts(len(scores.times), most)
    columns = (greatest_of_buckets(column, first) for column in (scores.scores, scores.t2, scores.q))
    return MachinePoints(scores.times[first], *columns)


def _distance(statistic: Floats, limit: Floats, where: Bools) -> Floats:
    """As a share of the limit's."""
    ratio = np.full(len(statistic), np.nan)
    np.divide(statistic, limit, out=ratio, where=where)
    distance: Floats = np.sqrt(ratio)
    return distance


def _joined(parts: Sequence[tuple[Ints, Floats, Floats, Floats]]) -> tuple[Ints, Floats, Floats, Floats]:
    empty = np.zeros(0, np.int64), np.zeros(0), np.zeros(0), np.zeros(0)
    times, scores, t2, q = zip(empty, *parts, strict=True)
    return np.concatenate(times), np.concatenate(scores), np.concatenate(t2), np.concatenate(q)
