"""Gaps of one source, those that follow close on each other taken together."""

from datetime import timedelta

from plantwright_agent.samples import Gap

from plantwright.sources.lease_repository import KeptGap

CLOSE = timedelta(seconds=90)
MOST_OPEN = 500


class GapBook:
    """A tag that gives no usable value has a gap with each poll; that is one gap that grows."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], KeptGap] = {}
        self._unwritten: set[tuple[str, str]] = set()
        self._closed: list[KeptGap] = []
        self.begun = 0

    def note(self, gap: Gap) -> None:
        key = gap.tag, gap.reason
        before = self._open.get(key)
        if before is not None and before.start <= gap.start <= before.end + CLOSE:
            grown = KeptGap(before.start, max(before.end, gap.end), gap.tag, gap.reason, before.count + gap.count)
            same = gap.start == before.start
            self._open[key] = KeptGap(grown.start, grown.end, gap.tag, gap.reason, gap.count) if same else grown
        else:
            if before is not None and key in self._unwritten:
                self._closed.append(before)
            self._make_room()
            self._open[key] = KeptGap(gap.start, gap.end, gap.tag, gap.reason, gap.count)
            self.begun += 1
        self._unwritten.add(key)

    def take(self) -> list[KeptGap]:
        """Those that are new or have grown since the last time."""
        taken = [*self._closed, *(self._open[key] for key in self._unwritten)]
        self._closed.clear()
        self._unwritten.clear()
        return taken

    def put_back(self, gaps: list[KeptGap]) -> None:
        """They could not be written; newer ones of the same name win."""
        for gap in gaps:
            key = gap.tag, gap.reason
            if key in self._open and self._open[key].start == gap.start:
                self._unwritten.add(key)
            elif len(self._closed) < MOST_OPEN:
                self._closed.append(gap)

    def _make_room(self) -> None:
        if len(self._open) < MOST_OPEN:
            return
        oldest = min(self._open, key=lambda key: self._open[key].end)
        gap = self._open.pop(oldest)
        if oldest in self._unwritten:
            self._unwritten.discard(oldest)
            self._closed.append(gap)
