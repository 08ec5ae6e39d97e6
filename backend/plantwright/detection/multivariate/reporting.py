"""From judged frames to findings of a machine."""

from dataclasses import replace
from typing import Any

import numpy as np

from plantwright.detection.episodes import EpisodeRules
from plantwright.detection.findings import FindingKind, Severity
from plantwright.detection.multivariate.config import MultivariateConfig
from plantwright.detection.multivariate.findings import MachineFinding
from plantwright.detection.multivariate.frames import Frames
from plantwright.detection.multivariate.judging import Judged
from plantwright.detection.multivariate.state import MachineState


def report(
    machine: int, state: MachineState, frames: Frames, judged: Judged, config: MultivariateConfig
) -> tuple[list[MachineFinding], MachineState]:
    violates = judged.is_judged & (judged.score >= config.threshold)
    if not config.enabled:
        violates = np.zeros_like(violates)
    if not violates.any() and not state.episode.count:
        return [], state
    episode = replace(state.episode)
    rules = EpisodeRules(
        threshold=config.threshold,
        critical=config.threshold * config.critical_factor,
        confirm=config.confirm_frames,
        clear_ms=config.clear_seconds * 1_000,
    )
    found = []
    for number in np.flatnonzero(judged.is_judged).tolist():
        score = float(judged.score[number])
        kind = episode.observe(int(frames.time[number]), score, bool(violates[number]), rules)
        if kind is None:
            continue
        inputs = _inputs(state, frames, judged, number)
        found.append(
            MachineFinding(
                machine=machine,
                kind=kind,
                severity=Severity.CRITICAL if episode.is_critical else Severity.WARNING,
                time_ms=int(frames.time[number]),
                value=inputs[inputs["statistic"].lower()],
                score=score,
                threshold=config.threshold,
                started_ms=episode.started,
                last_violation_ms=episode.last_violation,
                count=episode.count,
                peak_score=episode.peak,
                inputs=inputs,
            )
        )
        if kind is FindingKind.ENDED:
            episode.reset()
    return found, replace(state, episode=episode)


def _inputs(state: MachineState, frames: Frames, judged: Judged, number: int) -> dict[str, Any]:
    reference = state.reference
    if reference is None:
        raise ValueError("a frame without a reference cannot violate")
    t2, q = float(judged.t2[number]), float(judged.q[number])
    t2_limit, q_limit = float(judged.t2_limit[number]), float(judged.q_limit[number])
    is_q = reference.has_q and q / q_limit > t2 / t2_limit
    smoothed = frames.smoothed[number, reference.used]
    return {
        "statistic": "Q" if is_q else "T2",
        "t2": t2,
        "t2_limit": t2_limit,
        "q": q,
        "q_limit": q_limit,
        "components": reference.principal,
        "series": [series for series, used in zip(state.series, reference.used.tolist(), strict=True) if used],
        "smoothed": smoothed.tolist(),
        "mean": reference.mean.tolist(),
        "std": reference.std.tolist(),
        "contributions": reference.contributions(smoothed, of_q=is_q).tolist(),
    }
