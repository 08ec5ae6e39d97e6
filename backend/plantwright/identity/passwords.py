"""Password hashing with argon2id, and the rules for a new password."""

import asyncio
import string

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from plantwright.core.errors import ValidationFailed

MIN_LENGTH = 8
MAX_LENGTH = 128

_hasher = PasswordHasher()
# Verified when no such user exists, so that the answer takes as long as for one who does.
_DECOY = _hasher.hash("no user has this password")


def require_strong(password: str) -> None:
    """8 to 128 characters of at least three kinds: lower case, upper case, digits, others.

    Raises:
        ValidationFailed: says which rule is broken.
    """
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise ValidationFailed(f"A password has {MIN_LENGTH} to {MAX_LENGTH} characters.", ["password"])
    if any("\ud800" <= c <= "\udfff" for c in password):
        raise ValidationFailed("A password is valid Unicode text.", ["password"])
    kinds = (
        any(c in string.ascii_lowercase for c in password),
        any(c in string.ascii_uppercase for c in password),
        any(c.isdigit() for c in password),
        any(not c.isascii() or c in string.punctuation + " " for c in password),
    )
    if sum(kinds) < 3:  # noqa: PLR2004 - the rule above
        raise ValidationFailed(
            "A password mixes at least three of: lower case, upper case, digits, other characters.", ["password"]
        )


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
