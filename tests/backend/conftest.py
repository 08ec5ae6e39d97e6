"""What all tests of the backend share."""

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher
from plantwright.identity import passwords


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Every tenant of a test has three users; at the product's cost their passwords would be most of the run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        yield
