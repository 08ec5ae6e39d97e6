"""Start processes in order, keep them running, stop them in the reverse order.

One thread and one loop. A signal only sets a flag; every wait looks at it, so a stop asked for in the middle of the
start unwinds as cleanly as one asked for an hour later.
"""

import select
import signal
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from plantwright.embedded.errors import LocalStartError, with_log_tail
from plantwright.embedded.processes import Child, Program, start

POLL_SECONDS = 0.1
READY_SECONDS = 120.0
FIRST_DELAY_SECONDS = 1.0
LONGEST_DELAY_SECONDS = 30.0
STEADY_SECONDS = 60.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Say = Callable[[str], None]


class StopRequested(Exception):
    """A person or the system asked for the end."""


@dataclass
class Kept:
    """A process that is started again when it ends by itself."""

    name: str
    log: Path
    start: Callable[[], Child]
    child: Child | None
    adopted: bool = False
    delay: float = FIRST_DELAY_SECONDS
    due: float | None = None


class Supervisor:
    """Owns every process of one local installation."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._kept: list[Kept] = []
        self._stop_requested = False
        self._terminal = _watched_terminal()

    @contextmanager
    def listening_to_signals(self) -> Generator[None]:
        """Ctrl-C, SIGTERM and a closed terminal ask for an orderly stop."""
        before = {number: signal.signal(number, self._request_stop) for number in STOP_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def run_once(self, program: Program) -> None:
        """Run a program to its end.

        Raises:
            LocalStartError: it failed; the message ends with its log.
            StopRequested: a stop was asked for meanwhile.
        """
        child = start(program)
        try:
            while (code := child.exit_code()) is None:
                self.pause()
        finally:
            child.stop()
        if code != 0:
            raise LocalStartError(with_log_tail(f"{program.name} failed with exit code {code}.", program.log))

    def keep(self, program: Program, ready: Callable[[], bool] | None = None) -> None:
        """Start a program, wait until it is ready, and keep it running from then on.

        Raises:
            LocalStartError: it ended or did not become ready; the message ends with its log.
            StopRequested: a stop was asked for meanwhile.
        """
        child = start(program)
        self._kept.append(Kept(program.name, program.log, lambda: start(program), child))
        if ready is None:
            return
        until = time.monotonic() + READY_SECONDS
        while not ready():
            if (code := child.exit_code()) is not None:
                raise LocalStartError(with_log_tail(f"{program.name} ended with exit code {code}.", program.log))
            if time.monotonic() > until:
                raise LocalStartError(
                    with_log_tail(f"{program.name} was not ready after {READY_SECONDS:.0f} s.", program.log)
                )
            self.pause()

    def adopt(self, name: str, child: Child, restart: Callable[[], Child]) -> None:
        """Keep a server running that was started elsewhere; whoever started it stops it."""
        self._kept.append(Kept(name, child.program.log, restart, child, adopted=True))

    def watch(self, while_true: Callable[[], bool] = lambda: True) -> None:
        """Start again whatever ends by itself.

        Raises:
            StopRequested: a stop was asked for.
        """
        while while_true():
            for kept in self._kept:
                self._tend(kept)
            self.pause()

    def pause(self) -> None:
        """Let a moment pass.

        Raises:
            StopRequested: a stop was asked for.
        """
        if not self._stop_requested:
            time.sleep(POLL_SECONDS)
        if self._stop_requested or self._terminal_closed():
            raise StopRequested

    def stop(self) -> None:
        """Stop the programs, the last started first; all are asked before the first is waited for."""
        children = [kept.child for kept in reversed(self._kept) if kept.child and not kept.adopted]
        for child in children:
            child.ask_to_stop()
        for child in children:
            child.stop()
        self._kept.clear()

    def _tend(self, kept: Kept) -> None:
        now = time.monotonic()
        if kept.child is not None and (code := kept.child.exit_code()) is not None:
            if now - kept.child.started > STEADY_SECONDS:
                kept.delay = FIRST_DELAY_SECONDS
            kept.child.stop()
            self._say(
                f"{kept.name} ended with exit code {code}; starting it again in {kept.delay:.0f} s. See {kept.log}"
            )
            kept.child, kept.due = None, now + kept.delay
            kept.delay = min(kept.delay * 2, LONGEST_DELAY_SECONDS)
        if kept.due is not None and now >= kept.due:
            self._start_again(kept)

    def _start_again(self, kept: Kept) -> None:
        try:
            kept.child, kept.due = kept.start(), None
        except LocalStartError as error:
            self._say(error.message)
            kept.due = time.monotonic() + kept.delay
            kept.delay = min(kept.delay * 2, LONGEST_DELAY_SECONDS)

    def _request_stop(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the signature is the system's
        self._stop_requested = True

    def _terminal_closed(self) -> bool:
        """Closing a window tells only the first process in it, which may be one that does not pass it on."""
        return self._terminal is not None and any(event & select.POLLHUP for _, event in self._terminal.poll(0))


def _watched_terminal() -> "select.poll | None":
    if not sys.stdin or sys.stdin.closed or not sys.stdin.isatty():
        return None
    terminal = select.poll()
    terminal.register(sys.stdin.fileno(), 0)
    return terminal
