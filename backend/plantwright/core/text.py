"""Text that people send, and names as they read them."""

from plantwright.core.errors import ValidationFailed

_ABBREVIATIONS = {"rms": "RMS", "rpm": "RPM", "ph": "pH"}


def bounded_text(value: str, field: str, *, longest: int, shortest: int = 0) -> str:
    """The text without white space around it.

    Raises:
        ValidationFailed: too short, too long, or holding U+0000, which PostgreSQL cannot store.
    """
    text = value.strip()
    if "\x00" in text:
        raise ValidationFailed(f"{field} must not hold the character U+0000.", [field])
    if not shortest <= len(text) <= longest:
        size = f"{shortest} to {longest:,}" if shortest else f"at most {longest:,}"
        raise ValidationFailed(f"{field} must have {size} characters; this has {len(text):,}.", [field])
    return text


def storable(text: str) -> str:
    """PostgreSQL text holds neither U+0000 nor half a surrogate pair; the replacement keeps the rest readable."""
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}")


def metric_title(name: str) -> str:
    """`vibration_rms` becomes `Vibration RMS`; names written in capitals stay as they are."""
    words = [_ABBREVIATIONS.get(word, word) for word in name.replace("_", " ").split()]
    title = " ".join(words) or name
    return title if words and words[0] in _ABBREVIATIONS.values() else title[:1].upper() + title[1:]
