"""ISO 8601 texts to milliseconds since 1970, a column at a time."""

from collections.abc import Sequence
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from plantwright.core.clock import to_milliseconds

Ints = NDArray[np.int64]

INVALID = np.iinfo(np.int64).min
"""Stands in the column for a text that names no instant."""

_DAY_MS = 86_400_000
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_SUFFIXES = ("Z", "+00:00")
# Length without the zone -> milliseconds that each digit of the time of day is worth.
_OF_DAY = [36_000_000, 3_600_000, 600_000, 60_000, 10_000, 1_000]
_WEIGHTS = {
    19: np.array(_OF_DAY, np.float64),
    23: np.array([*_OF_DAY, 100, 10, 1], np.float64),
    26: np.array([*_OF_DAY, 100, 10, 1, 0, 0, 0], np.float64),
}
_DIGITS = [11, 12, 14, 15, 17, 18, 20, 21, 22, 23, 24, 25]
_MARKS = {10: "T", 13: ":", 16: ":", 19: "."}
_DATE = slice(0, 10)


def parse_column(texts: Sequence[str]) -> Ints:
    """Milliseconds since 1970 of each text, microseconds cut off; INVALID for a text that names no instant.

    A text without a zone names no instant. Texts of one usual form are read with array operations, others singly.
    """
    times = _parse_uniform(texts)
    if times is None:
        return np.fromiter(map(parse_one, texts), np.int64, len(texts))
    for position in np.flatnonzero(times == INVALID).tolist():
        times[position] = parse_one(texts[position])
    return times


def parse_one(text: str) -> int:
    """One text as in `parse_column`, in any ISO 8601 form."""
    try:
        moment = datetime.fromisoformat(text)
        return to_milliseconds(moment) if moment.tzinfo is not None else int(INVALID)
    except (ValueError, OverflowError):
        return int(INVALID)


def _parse_uniform(texts: Sequence[str]) -> Ints | None:
    """None when the texts do not all have one length that is a usual form; INVALID where one is not of that form."""
    if not texts or len(set(map(len, texts))) != 1:
        return None
    suffix = next((suffix for suffix in _SUFFIXES if texts[0].endswith(suffix)), None)
    length = len(texts[0]) - len(suffix or "")
    joined = "".join(texts)
    if suffix is None or length not in _WEIGHTS or not joined.isascii():
        return None
    characters = np.frombuffer(joined.encode(), np.uint8).reshape(len(texts), -1)
    days = _days(texts, characters)
    of_day, is_form = _time_of_day(characters, suffix, length)
    return np.where(is_form & (days != INVALID), days * _DAY_MS + of_day, INVALID)


def _time_of_day(characters: NDArray[np.uint8], suffix: str, length: int) -> tuple[Ints, NDArray[np.bool_]]:
    """Milliseconds after midnight, and whether the text has the form at all."""
    weights = _WEIGHTS[length]
    digits = characters[:, _DIGITS[: len(weights)]] - np.uint8(ord("0"))
    marks = {at: mark for at, mark in _MARKS.items() if at < length} | dict(enumerate(suffix, length))
    is_form = (characters[:, list(marks)] == np.array(list(map(ord, marks.values())), np.uint8)).all(axis=1)
    # What is no digit wraps round to more than nine.
    is_form &= (digits <= 9).all(axis=1) & (digits[:, [2, 4]] <= 5).all(axis=1)  # noqa: PLR2004 - a clock
    is_form &= digits[:, 0] * 10 + digits[:, 1] <= 23  # noqa: PLR2004 - a clock
    return (digits.astype(np.float64) @ weights).astype(np.int64), is_form


def _days(texts: Sequence[str], characters: NDArray[np.uint8]) -> Ints:
    """Days since 1970 of the first ten characters. A batch seldom spans more than a day, so each date is read once."""
    if (characters[:, _DATE] == characters[0, _DATE]).all():
        return np.full(len(texts), _day(texts[0][_DATE]), np.int64)
    dates = [text[_DATE] for text in texts]
    known = {text: _day(text) for text in set(dates)}
    return np.fromiter(map(known.__getitem__, dates), np.int64, len(dates))


def _day(text: str) -> int:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return int(INVALID)
    # Other ISO forms of ten characters exist, such as a week date; they are read singly.
    return day.toordinal() - _EPOCH_DAY if day.isoformat() == text else int(INVALID)
