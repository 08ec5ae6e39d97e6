"""What systemd is told (sd_notify), and how its journal is written to. Without systemd all of it does nothing."""

import logging
import os
import socket
import time

PRIORITIES = {logging.CRITICAL: 2, logging.ERROR: 3, logging.WARNING: 4, logging.INFO: 6, logging.DEBUG: 7}


def notify(state: str) -> None:
    """Such as READY=1 or WATCHDOG=1; several are lines."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sender:
        try:
            sender.sendto(state.encode(), address.replace("@", "\0", 1) if address[0] == "@" else address)
        except OSError as error:
            logging.getLogger(__name__).debug("systemd cannot be told: %s", error.strerror)


def notify_reloading() -> None:
    notify(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")


def writes_to_journal() -> bool:
    return "JOURNAL_STREAM" in os.environ


class JournalFormatter(logging.Formatter):
    """The journal adds the time itself and takes the priority from the start of each line."""

    def format(self, record: logging.LogRecord) -> str:
        mark = f"<{PRIORITIES.get(record.levelno, 6)}>"
        return "\n".join(mark + line for line in super().format(record).splitlines())
