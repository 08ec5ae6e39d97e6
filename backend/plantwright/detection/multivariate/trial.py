"""Settings of the machine-level chart tried on stored readings: what they find, beside what the present ones find.

Settings say when a score becomes a finding; what is learnt and how it scores is the same under all of them. Both runs
go over the period as if it came next: they begin with what the machine is known to be like now.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

import numpy as np

from plantwright.assets.models import Machine
from plantwright.assets.repository import get_machine
from plantwright.core.database import UnitOfWork
from plantwright.core.errors import Unavailable, ValidationFailed
from plantwright.detection.charts.state import NEVER, NO_HOUR
from plantwright.detection.multivariate import repository
from plantwright.detection.multivariate.columns import Metrics, Pending
from plantwright.detection.multivariate.config import MultivariateConfig, Settings, overlay
from plantwright.detection.multivariate.engine import MachineReadings, Stepped, step
from plantwright.detection.multivariate.findings import MachineFinding
from plantwright.detection.multivariate.frames import SETTLED_READINGS
from plantwright.detection.multivariate.known import known_state
from plantwright.detection.multivariate.membership import with_series
from plantwright.detection.multivariate.moments import Sums
from plantwright.detection.multivariate.pieces import Course
from plantwright.detection.multivariate.settings import settings_history
from plantwright.detection.multivariate.state import MachineState
from plantwright.detection.multivariate.trial_outcome import (
    MachineOutcome,
    MachinePoints,
    Scores,
    judged_by,
    outcome_of,
    points_of,
)
from plantwright.detection.replay.derivation import Period
from plantwright.readings.columns import LogSlice, settle_duplicates
from plantwright.readings.ingest.segments import DAY_MS
from plantwright.readings.models import Quality
from plantwright.readings.query.plan import HOUR_MS, Level, Part
from plantwright.readings.query.range_repository import read_parts

MAX_DAYS = 31
MAX_READINGS = 200_000
MAX_SECONDS = 25.0
MIN_POINTS, MAX_POINTS = 10, 2_000
# Between two of them the time is looked at.
_PIECE = 5_000
_SHORTEST_LEAD_MS = 120_000


@dataclass(frozen=True, slots=True)
class MachineTrial:
    """
    Attributes:
        readings: of good quality in the period.
        frames, judged: times at which something was read, and how many of them could be judged.
        metrics: names of those that the machine is judged by, as far as it is known.
        days: starts of the UTC days that the period touches, milliseconds.
    """

    machine: Machine
    period: Period
    readings: int
    frames: int
    judged: int
    metrics: list[str]
    days: list[int]
    present: MachineOutcome
    proposed: MachineOutcome
    points: MachinePoints


@dataclass(slots=True)
class _Run:
    """One choice of settings on its way through the period."""

    config: MultivariateConfig
    state: MachineState
    findings: list[MachineFinding] = field(default_factory=list)
    scores: list[Scores] = field(default_factory=list)


async def try_machine_settings(
    work: UnitOfWork, machine_id: UUID, changes: Settings, period: Period, max_points: int
) -> MachineTrial | None:
    """What settings would have found; None for an unknown machine.

    Args:
        work: of the tenant.
        machine_id: whose settings.
        changes: laid over the settings that are in force now, as saving them would.
        period: of the readings.
        max_points: most points of the picture.

    Raises:
        ValidationFailed: a number is outside its range, or the period holds too much to be tried at once.
        Unavailable: it took too long.
    """
    machine = await get_machine(work, machine_id)
    if machine is None:
        return None
    _require_bounds(period, max_points)
    saved = (await settings_history(work, [machine_id])).present(machine_id)
    configs = saved, overlay(saved, changes)
    members = await repository.members_of_machine(work, machine_id)
    known = await known_state(work, machine_id)
    state = _beginning(known, [member.series for member in members])
    stored = await _read(work, state.series, period, _lead_ms(known))
    runs = await asyncio.to_thread(_run, state, stored, period, configs)
    names = {member.series: member.name for member in members}
    days = list(range(period.start_ms // DAY_MS, (period.end_ms - 1) // DAY_MS + 1))
    present, proposed = (outcome_of(run.config, run.findings, run.state.episode, names, days) for run in runs)
    scores = Scores.joined(runs[-1].scores)
    return MachineTrial(
        machine=machine,
        period=period,
        readings=int((stored.time_ms >= period.start_ms).sum()),
        frames=len(scores.times),
        judged=int((~np.isnan(scores.scores)).sum()),
        metrics=judged_by(runs[-1].state, names),
        days=[day * DAY_MS for day in days],
        present=present,
        proposed=proposed,
        points=points_of(scores, max_points),
    )


def _require_bounds(period: Period, max_points: int) -> None:
    if period.end_ms - period.start_ms > MAX_DAYS * DAY_MS:
        raise ValidationFailed(f"At most {MAX_DAYS} days can be tried at once.", ["from"])
    if not MIN_POINTS <= max_points <= MAX_POINTS:
        raise ValidationFailed(f"maxPoints must be {MIN_POINTS} to {MAX_POINTS}.", ["maxPoints"])


def _beginning(known: MachineState, series: Sequence[int]) -> MachineState:
    """What the machine is known to be like, before any reading; a machine that is not known yet learns on the way."""
    if known.reference is None:
        return with_series(MachineState.empty(()), series)
    count = len(known.series)
    return replace(
        known,
        metrics=Metrics.empty(count),
        pending=Pending.empty(),
        newest=NEVER,
        frame_time=NEVER,
        hour=NO_HOUR,
        open_hour=Sums.empty(count),
        open_smoothed=Sums.empty(count),
        episode=MachineState.empty(()).episode,
    )


def _lead_ms(known: MachineState) -> int:
    """How long before the period its averages need to begin, so that they have settled when it does."""
    if known.reference is None:
        return 0
    slowest = float(known.metrics.usual_interval[known.reference.used].max(initial=0.0))
    return min(max(_SHORTEST_LEAD_MS, round(1.5 * SETTLED_READINGS * slowest)), DAY_MS)


async def _read(work: UnitOfWork, series: Sequence[int], period: Period, lead_ms: int) -> LogSlice:
    """The good readings of the period and its lead, in order of time."""
    chunks: list[LogSlice] = []
    total = 0
    parts = [Part(Level.RAW, max(period.start_ms - lead_ms, 0), period.end_ms)]
    async for chunk in read_parts(work, list(series), parts):
        settled = settle_duplicates(chunk)
        total += len(settled)
        if total > MAX_READINGS:
            raise _too_many(series, settled, total, period)
        chunks.append(settled.where((settled.quality == Quality.GOOD) & np.isfinite(settled.value)))
    stored = LogSlice.joined(chunks)
    return stored.where(np.argsort(stored.time_ms, kind="stable"))


def _too_many(series: Sequence[int], last: LogSlice, total: int, period: Period) -> ValidationFailed:
    """Says about how long a period can be, if all metrics are read as often as those that were counted."""
    counted = sorted(series).index(int(last.series[-1]))
    reached = int(last.time_ms[-1]) - period.start_ms
    share = (counted + max(reached, 1) / (period.end_ms - period.start_ms)) / len(series)
    fits = (period.end_ms - period.start_ms) * MAX_READINGS / total * min(share, 1.0)
    length = f"{fits / HOUR_MS:.0f} hours" if fits >= 2 * HOUR_MS else f"{max(fits / 60_000, 1):.0f} minutes"
    return ValidationFailed(
        f"The period has more than {MAX_READINGS:,} readings of this machine, too many to be tried at once: "
        f"try about {length}.",
        ["to"],
    )


def _run(
    state: MachineState, stored: LogSlice, period: Period, configs: tuple[MultivariateConfig, MultivariateConfig]
) -> list[_Run]:
    deadline = time.monotonic() + MAX_SECONDS
    start = int(np.searchsorted(stored.time_ms, period.start_ms))
    # Nothing that began before the period is part of the trial.
    led = _stepped(state, stored, slice(0, start), replace(configs[0], enabled=False), is_last=True)
    runs = [_Run(config, led.state) for config in dict.fromkeys(configs)]
    for low in range(start, len(stored), _PIECE):
        if time.monotonic() > deadline:
            raise Unavailable("Trying these settings took too long. Choose a shorter period.")
        piece = slice(low, min(low + _PIECE, len(stored)))
        for run in runs:
            after = _stepped(run.state, stored, piece, run.config, is_last=piece.stop == len(stored))
            run.state = after.state
            run.findings += after.findings
            run.scores.append(Scores.of(after))
    return [runs[0], runs[-1]]


def _stepped(
    state: MachineState,
    stored: LogSlice,
    piece: slice,
    config: MultivariateConfig,
    *,
    is_last: bool,
) -> Stepped:
    came = MachineReadings.good(stored.series[piece].astype(np.int64), stored.time_ms[piece], stored.value[piece])
    [stepped] = step([state], [came], [Course.of(config)], is_last=is_last)
    return stepped
