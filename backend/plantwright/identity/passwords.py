"""Password hashing with argon2id, and the rules for a new password."""

import asyncio
import re
import string
import threading
from collections.abc import Sequence

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from plantwright.core.errors import ValidationFailed

MIN_LENGTH = 8
MAX_LENGTH = 128
# Above what a throttled door lets anybody try in a year.
LEAST_GUESSES = 100_000_000
GUESSABLE = (
    "This password is easy to guess: it comes from a common one, a word, a pattern, your name or your address. Choose "
    "another one."
)
_LOOKED_AT = 72
_WORD = re.compile(r"\w{3,}")
# The library keeps the words of the person in a table that all callers share.
_one_at_a_time = threading.Lock()

_hasher = PasswordHasher()
# Verified when no such user exists, so that the answer takes as long as for one who does.
_DECOY = _hasher.hash("no user has this password")


def require_strong(password: str, personal: Sequence[str] = (), path: str = "password") -> None:
    """8 to 128 characters of at least three kinds: lower case, upper case, digits, others; and not soon guessed from
    lists of common passwords, names and words, from patterns, or from `personal`: address and name of the person.
    Takes some milliseconds of computing.

    Raises:
        ValidationFailed: says which rule is broken.
    """
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise ValidationFailed(f"A password has {MIN_LENGTH} to {MAX_LENGTH} characters.", [path])
    if any("\ud800" <= c <= "\udfff" for c in password):
        raise ValidationFailed("A password is valid Unicode text.", [path])
    kinds = (
        any(c in string.ascii_lowercase for c in password),
        any(c in string.ascii_uppercase for c in password),
        any(c.isdigit() for c in password),
        any(not c.isascii() or c in string.punctuation + " " for c in password),
    )
    if sum(kinds) < 3:  # noqa: PLR2004 - the rule above
        raise ValidationFailed(
            "A password mixes at least three of: lower case, upper case, digits, other characters.", [path]
        )
    if _guesses(password, personal) < LEAST_GUESSES:
        raise ValidationFailed(GUESSABLE, [path])


def _guesses(password: str, personal: Sequence[str]) -> float:
    """How many attempts somebody needs who knows how people choose passwords; of a long one by its beginning."""
    words = [word for text in personal for word in _WORD.findall(text.lower())]
    with _one_at_a_time:
        return float(zxcvbn(password[:_LOOKED_AT], user_inputs=words)["guesses"])


async def hash_password(password: str) -> str:
    return await asyncio.to_thread(_hasher.hash, password)


async def verify_password(stored: str | None, password: str) -> bool:
    """False too when there is no stored hash, after the same amount of work."""
    return await asyncio.to_thread(_verify, stored or _DECOY, password) and stored is not None


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False
