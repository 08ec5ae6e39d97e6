"""Credentials at rest."""

from uuid import uuid4

import pytest
from plantwright.core.errors import Conflict
from plantwright.core.vault import Purpose, Vault

KEY, OLD = b"k" * 40, b"o" * 40
TENANT, SOURCE = uuid4(), uuid4()


def test_what_was_sealed_is_opened_and_looks_different_each_time() -> None:
    vault = Vault(Purpose.SOURCES, KEY)
    sealed = [vault.seal("sécret", TENANT, SOURCE) for _ in range(2)]
    assert sealed[0] != sealed[1]
    assert "sécret".encode() not in sealed[0]
    assert [vault.open(one, TENANT, SOURCE) for one in sealed] == ["sécret"] * 2


def test_it_opens_for_its_own_tenant_and_source_only() -> None:
    vault = Vault(Purpose.SOURCES, KEY)
    sealed = vault.seal("secret", TENANT, SOURCE)
    for tenant, source in ((uuid4(), SOURCE), (TENANT, uuid4()), (SOURCE, TENANT)):
        with pytest.raises(Conflict):
            vault.open(sealed, tenant, source)


@pytest.mark.parametrize("place", [0, 8, 20, -1])
def test_a_changed_byte_is_noticed(place: int) -> None:
    vault = Vault(Purpose.SOURCES, KEY)
    sealed = bytearray(vault.seal("secret", TENANT, SOURCE))
    sealed[place] ^= 1
    with pytest.raises(Conflict, match="Enter them again"):
        vault.open(bytes(sealed), TENANT, SOURCE)


def test_a_new_key_reads_what_the_old_one_sealed_as_long_as_it_is_named() -> None:
    sealed = Vault(Purpose.SOURCES, OLD).seal("secret", TENANT, SOURCE)
    turned = Vault(Purpose.SOURCES, KEY, [OLD])
    assert turned.open(sealed, TENANT, SOURCE) == "secret"
    anew = turned.seal("secret", TENANT, SOURCE)
    assert Vault(Purpose.SOURCES, KEY).open(anew, TENANT, SOURCE) == "secret"
    with pytest.raises(Conflict, match="PLANTWRIGHT_PREVIOUS_SECRET_KEYS"):
        Vault(Purpose.SOURCES, KEY).open(sealed, TENANT, SOURCE)
