"""Log lines on standard error, where systemd's journal and containers look for them."""

import logging
import time

from plantwright_agent.supervision.systemd import JournalFormatter, writes_to_journal

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warn": logging.WARNING, "error": logging.ERROR}
LIBRARIES = {
    "asyncua": logging.CRITICAL,
    "pymodbus": logging.CRITICAL,
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
}
TEXT = "%(levelname)s %(name)s %(message)s"


def log_to_stderr(level: str) -> None:
    """Libraries keep to themselves: what matters of theirs, the agent says in its own words and without secrets."""
    handler = logging.StreamHandler()
    formatter = JournalFormatter(TEXT) if writes_to_journal() else logging.Formatter(f"%(asctime)sZ {TEXT}")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler])
    set_log_level(level)
    for name, floor in LIBRARIES.items():
        logging.getLogger(name).setLevel(floor)


def set_log_level(level: str) -> None:
    logging.getLogger().setLevel(LEVELS[level])
