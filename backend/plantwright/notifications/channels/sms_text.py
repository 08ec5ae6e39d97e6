"""Text messages cut to what a phone network carries: 3GPP TS 23.038 (alphabets) and 23.040 (joined messages)."""

from dataclasses import dataclass
from typing import Final, Literal

Alphabet = Literal["GSM-7", "UCS-2"]

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Each of these is sent as an escape and a character.
_EXTENDED: Final = frozenset("^{}\\[~]|€")
# Units of one message alone, and of each message of several, which carry a header of 6 bytes.
_SINGLE: Final = {"GSM-7": 160, "UCS-2": 70}
_JOINED: Final = {"GSM-7": 153, "UCS-2": 67}
_CUT: Final = "..."


@dataclass(frozen=True, slots=True)
class FittedText:
    text: str
    alphabet: Alphabet
    segments: int


def fit(text: str, max_segments: int) -> FittedText:
    """The text, cut with `...` at the end when it needs more messages than that. `max_segments` is 1 or more."""
    alphabet = alphabet_of(text)
    if segments_of(text, alphabet) <= max_segments:
        return FittedText(text, alphabet, segments_of(text, alphabet))
    kept = _longest_start(text, alphabet, max_segments).rstrip() + _CUT
    # What made the text UCS-2 may have been cut off; the shorter alphabet then only leaves room.
    alphabet = alphabet_of(kept)
    return FittedText(kept, alphabet, segments_of(kept, alphabet))


def alphabet_of(text: str) -> Alphabet:
    return "GSM-7" if all(one in _BASIC or one in _EXTENDED for one in text) else "UCS-2"


def segments_of(text: str, alphabet: Alphabet) -> int:
    """How many messages the network sends; a character of two units is never divided between two of them."""
    widths = [_width(one, alphabet) for one in text]
    if sum(widths) <= _SINGLE[alphabet]:
        return 1
    segments, used = 1, 0
    for width in widths:
        if used + width > _JOINED[alphabet]:
            segments, used = segments + 1, 0
        used += width
    return segments


def _longest_start(text: str, alphabet: Alphabet, max_segments: int) -> str:
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if segments_of(text[:middle] + _CUT, alphabet) <= max_segments:
            low = middle
        else:
            high = middle - 1
    return text[:low]


def _width(character: str, alphabet: Alphabet) -> int:
    if alphabet == "GSM-7":
        return 2 if character in _EXTENDED else 1
    return len(character.encode("utf-16-be")) // 2
