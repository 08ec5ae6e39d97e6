"""ISO 8601 times to milliseconds, a column at a time."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from plantwright.core.clock import to_milliseconds

INVALID = np.iinfo(np.int64).min

_SUFFIXES = ("Z", "+00:00")
# Lengths without the zone suffix: whole seconds, milliseconds, microseconds.
_FRACTION_DIGITS = {19: 0, 23: 3, 26: 6}
_FIELDS = {"year": (0, 4), "month": (5, 2), "day": (8, 2), "hour": (11, 2), "minute": (14, 2), "second": (17, 2)}
_MARKS = {4: "-", 7: "-", 10: "T", 13: ":", 16: ":", 19: "."}
_DAYS_IN_MONTH = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_ZERO = ord("0")

Ints = NDArray[np.int64]


def parse_column(texts: Sequence[str]) -> Ints:
    """Milliseconds since 1970 of each text, microseconds cut off; INVALID for a text that names no instant.

    A text without a zone names no instant. Texts of one usual form are read with array operations, others singly.
    Readings of several metrics share their times, so each distinct text is read once.
    """
    places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    distinct = _parse_distinct(list(places))
    if len(distinct) == len(texts):
        return distinct
    return distinct[np.fromiter(map(places.__getitem__, texts), np.int64, len(texts))]


def _parse_distinct(texts: Sequence[str]) -> Ints:
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
    """None when the texts do not all have one length that is a usual form."""
    if not texts or len(set(map(len, texts))) != 1:
        return None
    suffix = next((suffix for suffix in _SUFFIXES if texts[0].endswith(suffix)), None)
    length = len(texts[0]) - len(suffix or "")
    joined = "".join(texts)
    if suffix is None or length not in _FRACTION_DIGITS or not joined.isascii():
        return None
    # One row per character position, so that every operation below runs over adjacent bytes.
    characters = np.ascontiguousarray(np.frombuffer(joined.encode(), np.uint8).reshape(len(texts), -1).T)
    return _parse_characters(characters, suffix, length)


def _parse_characters(characters: NDArray[np.uint8], suffix: str, length: int) -> Ints:
    marks = {at: mark for at, mark in _MARKS.items() if at < length} | {
        length + at: mark for at, mark in enumerate(suffix)
    }
    positions = list(marks)
    expected = np.array([[ord(mark)] for mark in marks.values()], np.uint8)
    is_form = (characters[positions] == expected).all(axis=0)
    digits = characters[:length] - np.uint8(_ZERO)
    numeric = [at for at in range(length) if at not in marks]
    is_form &= (digits[numeric] < 10).all(axis=0)  # noqa: PLR2004 - below "0" wraps round
    part = {name: _number(digits, start, width) for name, (start, width) in _FIELDS.items()}
    fraction = _number(digits, 20, min(_FRACTION_DIGITS[length], 3))
    is_form &= _in_range(part)
    seconds = (part["hour"] * 60 + part["minute"]) * 60 + part["second"]
    times = (_days_since_1970(part["year"], part["month"], part["day"]) * 86_400 + seconds) * 1000 + fraction
    times[~is_form] = INVALID
    return times


def _number(digits: NDArray[np.uint8], start: int, width: int) -> Ints:
    value = np.zeros(digits.shape[1], np.int64)
    for row in digits[start : start + width]:
        value *= 10
        value += row
    return value


def _in_range(part: dict[str, Ints]) -> NDArray[np.bool_]:
    year, month, day = part["year"], part["month"], part["day"]
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    last = _DAYS_IN_MONTH[np.clip(month, 0, 12)] + (leap & (month == 2))  # noqa: PLR2004 - February
    is_date: NDArray[np.bool_] = (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= last)  # noqa: PLR2004 - a calendar
    in_day = (part["hour"] <= 23) & (part["minute"] <= 59) & (part["second"] <= 59)  # noqa: PLR2004 - a clock
    is_date &= in_day
    return is_date


def _days_since_1970(year: Ints, month: Ints, day: Ints) -> Ints:
    """Proleptic Gregorian, the year counted from March so that the leap day comes last.

    Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
    """
    shifted = year - (month <= 2)  # noqa: PLR2004 - January and February belong to the year before
    era, of_era = np.divmod(shifted, 400)
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    days: Ints = era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + day_of_year - 719_468
    return days
