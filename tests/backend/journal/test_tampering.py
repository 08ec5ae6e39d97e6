"""Each way to change a chain behind the product's back, done by the database owner, and what the verifier says."""

# ruff: noqa: S608 - the statements of an intruder are put together from constants of the tests

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import asyncpg
import pytest
from plantwright.core.database import Database, UnitOfWork
from plantwright.core.ids import uuid7
from plantwright.core.settings import Settings
from plantwright.journal import repository
from plantwright.journal.models import AuditRecord
from plantwright.journal.service import Journal
from plantwright.journal.verify import Checkpoint, verify_chain

from tests.backend.journal.tampering import ROWS, Chain, Intruder, fact


async def expect(chain: Chain, fault: str, sequence: int, *checkpoints: Checkpoint) -> None:
    result = await chain.verify(checkpoints)
    assert (result.fault, result.first_bad_sequence) == (fault, sequence), result.detail
    assert str(sequence) in result.detail or "head" in result.detail


def checkpoint(chain: Chain, sequence: int) -> Checkpoint:
    return Checkpoint(sequence, bytes(chain.old_heads[sequence]["row_hash"]))


async def test_an_untouched_chain_is_intact(chain: Chain) -> None:
    result = await chain.verify([checkpoint(chain, number) for number in chain.old_heads])
    assert result.is_intact, result.detail
    assert result.records_checked == ROWS
    assert result.head_hash == bytes(chain.old_heads[ROWS]["row_hash"])


async def test_a_chain_of_3000_rows_is_intact(chain: Chain) -> None:
    await chain.append(3000 - ROWS)
    result = await chain.verify()
    assert result.is_intact, result.detail
    assert result.records_checked == 3000


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("actor_id = '00000000-0000-7000-8000-000000000001'", "edited"),
        ("action = 'test.denied'", "edited"),
        ("resource_type = 'machine'", "edited"),
        ("resource_id = 'another'", "edited"),
        ("""payload = '{"value": "99"}'""", "edited"),
        ("""payload = payload || '{"more": null}'""", "edited"),
        ("payload = '1e400'", "edited"),
        ("payload = 'null'", "edited"),
        ("created_at = created_at + interval '1 microsecond'", "edited"),
        ("created_at = 'infinity'", "edited"),
        ("prev_hash = sha256('x')", "edited"),
        ("prev_hash = ''", "edited"),
        ("row_hash = sha256('x')", "edited"),
        ("sequence = 900", "reordered"),
        ("tenant_id = '{other}'", "deleted"),
    ],
)
async def test_an_edited_column_is_found(chain: Chain, change: str, fault: str) -> None:
    change = change.replace("{other}", str(chain.other_tenant_id))
    await chain.intruder.run(f"UPDATE audit_record SET {change} WHERE tenant_id = '{chain.tenant_id}' AND sequence = 5")
    await expect(chain, fault, 5)


@pytest.mark.parametrize(
    ("condition", "first"),
    [("sequence = 5", 5), ("sequence BETWEEN 4 AND 9", 4), ("sequence = 1", 1), ("sequence IN (3, 7)", 3)],
)
async def test_deleted_rows_are_found(chain: Chain, condition: str, first: int) -> None:
    await chain.intruder.delete(condition)
    await expect(chain, "deleted", first)


@pytest.mark.parametrize(("first", "count"), [(5, 1), (1, 1), (3, 6)])
async def test_deletion_hidden_by_renumbering_is_found(chain: Chain, first: int, count: int) -> None:
    await chain.intruder.delete(f"sequence BETWEEN {first} AND {first + count - 1}")
    await chain.intruder.shift(first, -count)
    await expect(chain, "deleted", first)


async def test_a_large_deletion_hidden_by_renumbering_is_found(chain: Chain) -> None:
    await chain.append(300)
    await chain.intruder.delete("sequence BETWEEN 10 AND 209")
    await chain.intruder.shift(10, -200)
    await expect(chain, "deleted", 10)


@pytest.mark.parametrize("forged_hash", ["row_hash", "sha256('guess')"])
async def test_a_forged_row_in_the_middle_is_found(chain: Chain, forged_hash: str) -> None:
    await chain.intruder.shift(6, 1)
    await chain.intruder.copy(5, 6, prev_hash="row_hash", row_hash=forged_hash, resource_id="'forged'")
    await expect(chain, "inserted", 6)


async def test_a_copied_row_in_the_middle_is_found(chain: Chain) -> None:
    await chain.intruder.shift(6, 1)
    await chain.intruder.copy(3, 6)
    await expect(chain, "inserted", 6)


async def test_several_forged_rows_in_the_middle_are_found(chain: Chain) -> None:
    await chain.intruder.shift(6, 2)
    for number in (6, 7):
        await chain.intruder.copy(5, number, resource_id="'forged'")
    await expect(chain, "inserted", 6)


@pytest.mark.parametrize("number", [0, -1, -(2**63)])
async def test_a_row_below_the_first_number_is_found(chain: Chain, number: int) -> None:
    await chain.intruder.copy(5, number)
    await expect(chain, "inserted", number)


@pytest.mark.parametrize(
    "changes",
    [{}, {"prev_hash": "row_hash"}, {"prev_hash": "row_hash", "row_hash": "sha256('guess')", "resource_id": "'x'"}],
    ids=["copied", "linked", "forged"],
)
async def test_a_row_at_the_tail_is_found(chain: Chain, changes: dict[str, str]) -> None:
    await chain.intruder.copy(ROWS, ROWS + 1, **changes)
    await expect(chain, "inserted", ROWS + 1)


@pytest.mark.parametrize(("one", "another"), [(5, 6), (3, 10), (1, 2), (ROWS - 1, ROWS)])
async def test_swapped_rows_are_found(chain: Chain, one: int, another: int) -> None:
    mine = f"UPDATE audit_record SET sequence = %s WHERE tenant_id = '{chain.tenant_id}' AND sequence = %s"
    await chain.intruder.run(mine % (999, one), mine % (one, another), mine % (another, 999))
    await expect(chain, "reordered", one)


@pytest.mark.parametrize("left", [ROWS - 1, 1, 0])
async def test_a_cut_tail_is_found(chain: Chain, left: int) -> None:
    await chain.intruder.delete(f"sequence > {left}")
    await expect(chain, "tail_cut", left + 1)


async def test_an_old_head_put_back_over_a_cut_tail_is_found_by_a_checkpoint(chain: Chain) -> None:
    await chain.intruder.delete("sequence > 8")
    await chain.intruder.set_back_head(chain.old_heads[8])
    assert (await chain.verify()).is_intact, "the database alone cannot show this"
    await expect(chain, "tail_cut", 9, checkpoint(chain, ROWS))


async def test_a_cut_chain_that_was_continued_is_found_by_a_checkpoint(chain: Chain) -> None:
    kept = [checkpoint(chain, 6), checkpoint(chain, ROWS)]
    await chain.intruder.delete("sequence > 8")
    await chain.intruder.set_back_head(chain.old_heads[8])
    await chain.append(ROWS)
    assert (await chain.verify()).is_intact, "the database alone cannot show this"
    later = await chain.intruder.head()
    new = Checkpoint(later["sequence"], bytes(later["row_hash"]))
    await expect(chain, "edited", ROWS, *kept, new)


async def test_two_checkpoints_of_one_row_that_differ_are_held_against_it(chain: Chain) -> None:
    genuine = checkpoint(chain, ROWS)
    await expect(chain, "edited", ROWS, Checkpoint(ROWS, b"\1" * 32), genuine)


async def test_rows_of_the_cut_branch_put_back_are_found(chain: Chain) -> None:
    await chain.intruder.save(10)
    await chain.intruder.delete("sequence > 8")
    await chain.intruder.set_back_head(chain.old_heads[8])
    await chain.append(ROWS - 8)
    await chain.intruder.delete("sequence = 10")
    await chain.intruder.put_back()
    await expect(chain, "reordered", 10)


async def test_a_missing_head_is_found(chain: Chain) -> None:
    await chain.intruder.run(f"DELETE FROM journal_head WHERE tenant_id = '{chain.tenant_id}'")
    await expect(chain, "tail_cut", ROWS + 1)


async def test_a_journal_wiped_with_its_head_is_found(chain: Chain) -> None:
    await chain.intruder.delete("true")
    await chain.intruder.run(f"DELETE FROM journal_head WHERE tenant_id = '{chain.tenant_id}'")
    await expect(chain, "tail_cut", 1)


@pytest.mark.parametrize("change", ["sequence = 8", "row_hash = sha256('x')", "seal = sha256('x')"])
async def test_an_edited_head_is_found(chain: Chain, change: str) -> None:
    await chain.intruder.run(f"UPDATE journal_head SET {change} WHERE tenant_id = '{chain.tenant_id}'")
    await expect(chain, "edited", ROWS)


async def test_an_old_head_over_a_whole_chain_is_found(chain: Chain) -> None:
    await chain.intruder.set_back_head(chain.old_heads[8])
    await expect(chain, "edited", 9)


async def test_a_head_of_another_branch_is_found(chain: Chain) -> None:
    await chain.intruder.save(12)
    await chain.intruder.delete("sequence > 11")
    await chain.intruder.set_back_head(chain.old_heads[11])
    await chain.append(1)
    await chain.intruder.delete("sequence = 12")
    await chain.intruder.put_back()
    await expect(chain, "edited", ROWS)


async def _copy_from_another_tenant(chain: Chain, intruder: Intruder, sequence: int) -> None:
    async with chain.databases.app.transaction(chain.other_tenant_id) as work:
        await chain.journal.append(work, *(fact(number) for number in range(20)))
    mine = f"'{chain.tenant_id}'::uuid"
    await intruder.run(
        f"INSERT INTO audit_record SELECT {mine}, sequence, prev_hash, row_hash, actor_id, action, resource_type, "
        f"resource_id, payload, created_at FROM audit_record "
        f"WHERE tenant_id = '{chain.other_tenant_id}' AND sequence = {sequence}",
        tenant_id=chain.other_tenant_id,
    )


@pytest.mark.parametrize(("sequence", "fault"), [(5, "edited"), (ROWS + 1, "inserted")])
async def test_rows_of_another_tenant_are_found(chain: Chain, sequence: int, fault: str) -> None:
    await chain.intruder.delete(f"sequence = {sequence}")
    await _copy_from_another_tenant(chain, chain.intruder, sequence)
    await expect(chain, fault, sequence)


async def test_the_triggers_refuse_the_owner_too(chain: Chain, settings: Settings) -> None:
    owner = await asyncpg.connect(settings.owner_url())
    try:
        await owner.execute(f"SET app.tenant_id = '{chain.tenant_id}'")
        for statement in ("UPDATE audit_record SET action = 'x'", "DELETE FROM audit_record", "TRUNCATE audit_record"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
                await owner.execute(statement)
    finally:
        await owner.close()
    assert (await chain.verify()).is_intact


async def test_switching_the_trigger_off_in_the_table_is_no_way_around(chain: Chain) -> None:
    await chain.intruder.connection.execute("SET session_replication_role = origin")
    await chain.intruder.run(
        "ALTER TABLE audit_record DISABLE TRIGGER append_only",
        f"UPDATE audit_record SET action = 'x' WHERE tenant_id = '{chain.tenant_id}' AND sequence = 7",
        "ALTER TABLE audit_record ENABLE TRIGGER append_only",
    )
    await expect(chain, "edited", 7)


async def test_another_key_verifies_nothing(chain: Chain, settings: Settings) -> None:
    database = Database(settings.role_url("worker"), pool_size=1)
    async with database.snapshot(chain.tenant_id) as work:
        result = await Journal(b"another-key-0123456789-0123456789").verify(work)
    await database.close()
    assert (result.fault, result.first_bad_sequence) == ("edited", 1)


async def test_a_row_filed_under_another_machine_is_found(chain: Chain, journal: Journal) -> None:
    """The column is generated; what an owner who took its expression away could write is put in while reading."""
    async with chain.databases.app.transaction(chain.tenant_id) as work:
        await journal.append(work, replace(fact(1), payload={"machine_id": uuid7()}))

    async def misfiled(work: UnitOfWork, sequence: int, machine_id: UUID | None) -> AsyncIterator[AuditRecord]:
        async for record in repository.walk(work):
            if record.sequence == sequence:
                record.machine_id = machine_id
            yield record

    for sequence, machine_id in ((ROWS + 1, None), (ROWS + 1, uuid7()), (4, uuid7())):
        async with chain.databases.worker.snapshot(chain.tenant_id) as work:
            head, key = await repository.read_head(work), journal.tenant_key(chain.tenant_id)
            with work.session.no_autoflush:
                result = await verify_chain(misfiled(work, sequence, machine_id), head, key, chain.tenant_id)
        assert (result.fault, result.first_bad_sequence) == ("edited", sequence), result.detail
    assert (await chain.verify()).is_intact
