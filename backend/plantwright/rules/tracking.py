"""A rule's state with what readings that come late need: earlier states, and what has been recorded."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from hashlib import blake2b
from typing import NamedTuple

import msgspec
from msgspec import Struct, field

from plantwright.rules.definition import Severity
from plantwright.rules.engine import Batch, advance
from plantwright.rules.findings import Explanation, FindingKind, RuleFinding
from plantwright.rules.program import HOUR_MS, Program
from plantwright.rules.state import Episode, RuleState, decode_state, encode_state

# Readings that come later than this change nothing any more.
LATENESS_MS = 24 * HOUR_MS
# States are kept at this distance in time, so that readings which are a little late cost little.
_NEAR_MS = 60_000
_KEPT = 3
_RECORDED = 500


class Ending(NamedTuple):
    """When a version of a rule stopped to hold, and what had happened to the rule."""

    time_ms: int
    reason: str


class Recorded(Struct, array_like=True, frozen=True):
    """A finding that stands in the journal; `digest` is that of all it says, empty when that is not known."""

    kind: FindingKind
    severity: Severity
    time_ms: int
    started_ms: int
    digest: bytes = b""

    @classmethod
    def of(cls, finding: RuleFinding) -> "Recorded":
        digest = blake2b(_encoder.encode(finding), digest_size=8).digest()
        return cls(finding.kind, finding.severity, finding.time_ms, finding.started_ms, digest)

    @property
    def identity(self) -> tuple[FindingKind, int, Severity]:
        return self.kind, self.time_ms, self.severity


class Tracked(Struct, array_like=True):
    """
    Attributes:
        recent: earlier states as bytes with their times, the oldest first.
        recorded: what stands in the journal, as far as readings may still change it.
        passed_over_ms: from when on readings came too late to be judged.
    """

    state: RuleState
    recent: list[tuple[int, bytes]] = field(default_factory=list)
    recorded: list[Recorded] = field(default_factory=list)
    passed_over_ms: int | None = None

    @property
    def last_started_ms(self) -> int | None:
        return max((one.started_ms for one in self.recorded), default=None)


class Mark(StrEnum):
    """How a finding came into the journal.

    LATE: by readings that came late. WITHDRAWN: it ends what turned out never to have been. RESUMED: what was told to
    have ended goes on.
    """

    LATE = "late"
    WITHDRAWN = "withdrawn"
    RESUMED = "resumed"


class Told(NamedTuple):
    """A finding to journal."""

    finding: RuleFinding
    marks: tuple[Mark, ...] = ()


class Superseded(NamedTuple):
    """A recorded finding that is not derived like that any more, and what takes its place."""

    was: Recorded
    now: RuleFinding | None


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Tracked)


def encode_tracked(tracked: Tracked) -> bytes:
    return _encoder.encode(tracked)


def decode_tracked(data: bytes) -> Tracked:
    return _decoder.decode(data)


def take(tracked: Tracked, batch: Batch, program: Program, ending: Ending | None = None) -> list[Told]:
    """Go on with readings that are all newer than the state; `tracked` is written to."""
    _keep(tracked)
    findings = go_on(tracked.state, batch, program, ending)
    _record(tracked, [*tracked.recorded, *map(Recorded.of, findings)])
    return [Told(finding) for finding in findings]


def go_on(state: RuleState, batch: Batch, program: Program, ending: Ending | None) -> list[RuleFinding]:
    """As `advance`; where the batch goes up to the end of the version, an open episode ends with it."""
    if state.is_over:
        return []
    if ending is None or batch.until_ms < ending.time_ms:
        return advance(state, batch, program)
    findings = advance(state, batch.between(state.through_ms, ending.time_ms - 1), program)
    if state.episode is not None:
        findings.append(_ended(state.episode.severity, ending.time_ms, state.episode.started_ms, ending.reason))
    state.episode = state.wanted_since = state.calm_since = None
    state.through_ms, state.is_over = ending.time_ms, True
    return findings


def _ended(severity: Severity, time_ms: int, started_ms: int, reason: str) -> RuleFinding:
    nothing = Explanation(message=reason, formula="", value=0.0, threshold=0.0, true_conditions=0, levels=[])
    return RuleFinding(
        kind=FindingKind.ENDED, severity=severity, time_ms=time_ms, started_ms=started_ms, explanation=nothing
    )


def base_for(tracked: Tracked, earliest_ms: int) -> RuleState | None:
    """The newest of the near states that has not judged the moment yet."""
    found = [data for time_ms, data in tracked.recent if time_ms < earliest_ms]
    return decode_state(found[-1]) if found else None


class Derived(NamedTuple):
    """Findings that the record lacks, those of it that do not hold any more, and states at full hours on the way."""

    told: list[Told]
    superseded: list[Superseded]
    hourly: list[RuleState]


def derive_again(
    tracked: Tracked, base: RuleState, batch: Batch, program: Program, ending: Ending | None = None
) -> Derived:
    """Judge again from `base`, which is from before the earliest of the late readings, with all readings after it.

    `tracked` is written to.
    """
    start_ms = base.through_ms
    near_ms = max(start_ms, batch.until_ms - _NEAR_MS)
    kept_ms = max(start_ms, batch.until_ms - LATENESS_MS - HOUR_MS)
    hours = range((kept_ms // HOUR_MS + 1) * HOUR_MS, near_ms, HOUR_MS)
    findings: list[RuleFinding] = []
    hourly: list[RuleState] = []
    tracked.recent = [one for one in tracked.recent if one[0] <= start_ms]
    state = base
    for until in (*hours, near_ms, batch.until_ms):
        if until <= state.through_ms:
            continue
        findings += go_on(state, batch.between(state.through_ms, until), program, ending)
        if until in hours:
            hourly.append(decode_state(encode_state(state)))
        elif until == near_ms:
            tracked.recent = [*tracked.recent, (until, encode_state(state))][-_KEPT:]
    before = [one for one in tracked.recorded if one.time_ms <= start_ms]
    after = [one for one in tracked.recorded if one.time_ms > start_ms]
    told = _missing(tracked, after, findings, state.episode)
    tracked.state = state
    _record(tracked, [*before, *map(Recorded.of, findings)])
    return Derived(told, _superseded(after, findings), hourly)


def _missing(
    tracked: Tracked, recorded: Sequence[Recorded], derived: Sequence[RuleFinding], episode: Episode | None
) -> list[Told]:
    """What has to be journaled so that the record leads to what has been derived: `tracked` is from before, `recorded`
    what it knows of the time that was derived, `episode` the one that is open now.
    """
    known = {one.identity for one in recorded}
    new = [one for one in derived if (one.kind, one.time_ms, one.severity) not in known]
    told = [Told(one, (Mark.LATE,) if one.time_ms <= tracked.state.through_ms else ()) for one in new]
    return [*told, *_set_right(tracked, recorded, derived, new, episode)]


def _set_right(
    tracked: Tracked,
    recorded: Sequence[Recorded],
    derived: Sequence[RuleFinding],
    new: Sequence[RuleFinding],
    episode: Episode | None,
) -> list[Told]:
    """Who follows the journal has heard of `new` last; what is to be said so that they know of the episode as it is."""
    heard = _left_open(new[-1]) if new else tracked.state.episode
    if heard is not None and episode is not None and heard.severity is episode.severity:
        return []
    times = [*(one.time_ms for one in recorded), *(one.time_ms for one in new)]
    last_ms = max(times, default=tracked.state.through_ms)
    if episode is None and heard is not None:
        words = "Withdrawn: readings that came late show that the rule did not hold"
        return [Told(_ended(heard.severity, last_ms, heard.started_ms, words), (Mark.LATE, Mark.WITHDRAWN))]
    if episode is None:
        return []
    words = "Goes on: readings that came late show that the rule held further"
    again = derived[-1] if derived else _ended(episode.severity, last_ms, episode.started_ms, words)
    kind = FindingKind.CONTINUED if heard else FindingKind.STARTED
    resumed = msgspec.structs.replace(again, kind=kind, time_ms=max(again.time_ms, last_ms))
    return [Told(resumed, (Mark.LATE, Mark.RESUMED))]


def _left_open(finding: RuleFinding) -> Episode | None:
    return None if finding.kind is FindingKind.ENDED else Episode(finding.started_ms, finding.severity)


def _superseded(recorded: Sequence[Recorded], derived: Iterable[RuleFinding]) -> list[Superseded]:
    by_identity = {(one.kind, one.time_ms, one.severity): one for one in derived}
    found = [(one, by_identity.get(one.identity)) for one in recorded]
    return [
        Superseded(was, now)
        for was, now in found
        if now is None or (was.digest and was.digest != Recorded.of(now).digest)
    ]


def _keep(tracked: Tracked) -> None:
    newest = tracked.recent[-1][0] if tracked.recent else None
    if newest is None or tracked.state.through_ms - newest >= _NEAR_MS:
        snapshot = (tracked.state.through_ms, encode_state(tracked.state))
        tracked.recent = [*tracked.recent, snapshot][-_KEPT:]


def _record(tracked: Tracked, recorded: list[Recorded]) -> None:
    kept = [one for one in recorded if one.time_ms > tracked.state.through_ms - LATENESS_MS]
    tracked.recorded = kept[-_RECORDED:]
