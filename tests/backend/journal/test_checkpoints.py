# ruff: noqa: ASYNC240 - small local files
import json
import stat
from pathlib import Path

import pytest
from plantwright.journal.checkpoints import load_file, read_checkpoints, write_checkpoints
from plantwright.journal.verify import Checkpoint

from tests.backend.journal.tampering import ROWS, Chain


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "checkpoints.jsonl"


async def write(chain: Chain, path: Path) -> bool:
    """True when the chain contradicts what was kept of it."""
    contradicting = await write_checkpoints(chain.databases.worker, chain.journal, path, [chain.tenant_id])
    return list(contradicting) == [chain.tenant_id]


def read(chain: Chain, path: Path) -> tuple[list[Checkpoint], list[int]]:
    kept = read_checkpoints(path, chain.tenant_id, chain.journal.tenant_key(chain.tenant_id))
    return list(kept.checkpoints), list(kept.forged)


async def test_a_line_is_added_only_when_the_head_moved(chain: Chain, path: Path) -> None:
    for appended in (0, 0, 3, 0):
        if appended:
            await chain.append(appended)
        assert not await write(chain, path)
    checkpoints, forged = read(chain, path)
    assert [checkpoint.sequence for checkpoint in checkpoints] == [ROWS, ROWS + 3]
    assert forged == []
    assert (await chain.verify(checkpoints)).is_intact


async def test_what_was_written_stays_byte_for_byte(chain: Chain, path: Path) -> None:
    await write(chain, path)
    before = path.read_bytes()
    await chain.append()
    await write(chain, path)
    assert path.read_bytes().startswith(before)
    assert not stat.S_IMODE(path.stat().st_mode) & stat.S_IWOTH


async def test_two_tenants_share_the_file_and_not_the_checkpoints(chain: Chain, path: Path) -> None:
    both = [chain.tenant_id, chain.other_tenant_id]
    await write_checkpoints(chain.databases.worker, chain.journal, path, both)
    assert load_file(path).tenants() == set(both)
    checkpoints, forged = read(chain, path)
    assert len(checkpoints) == 1
    assert forged == []


@pytest.mark.parametrize(
    "change", [{"sequence": 5}, {"row_hash": "00" * 32}, {"at": "2020-01-01T00:00:00.000000Z"}, {"seal": "00" * 32}]
)
async def test_a_forged_line_is_reported_and_not_trusted(chain: Chain, path: Path, change: dict[str, object]) -> None:
    await write(chain, path)
    line = json.loads(path.read_text())
    with path.open("a") as file:
        file.write(json.dumps(line | change) + "\n")
    checkpoints, forged = read(chain, path)
    assert [checkpoint.sequence for checkpoint in checkpoints] == [ROWS]
    assert forged == [2]


@pytest.mark.parametrize("torn", [b'{"tenant_id":"019', b"\xff\xfe", b"[]", b'{"tenant_id":7}', b"null"])
async def test_after_a_torn_line_the_next_one_is_whole(chain: Chain, path: Path, torn: bytes) -> None:
    await write(chain, path)
    with path.open("ab") as file:
        file.write(torn)
    await chain.append()
    await write(chain, path)
    assert list(load_file(path).unreadable) == [2]
    checkpoints, forged = read(chain, path)
    assert [checkpoint.sequence for checkpoint in checkpoints] == [ROWS, ROWS + 1]
    assert forged == []


async def test_no_file_means_no_checkpoints(chain: Chain, path: Path) -> None:
    assert read(chain, path) == ([], [])


async def test_an_old_head_put_back_is_noticed_again_and_again(chain: Chain, path: Path) -> None:
    await write(chain, path)
    kept = path.read_bytes()
    await chain.intruder.delete("sequence > 8")
    await chain.intruder.set_back_head(chain.old_heads[8])
    for _ in range(2):
        assert await write(chain, path)
    assert path.read_bytes() == kept


async def test_a_chain_continued_after_a_cut_is_noticed(chain: Chain, path: Path) -> None:
    await write(chain, path)
    await chain.intruder.delete("sequence > 8")
    await chain.intruder.set_back_head(chain.old_heads[8])
    await chain.append(ROWS)
    assert await write(chain, path)


async def test_a_head_with_a_wrong_seal_is_not_kept(chain: Chain, path: Path) -> None:
    await chain.intruder.run(f"UPDATE journal_head SET seal = sha256('x') WHERE tenant_id = '{chain.tenant_id}'")  # noqa: S608
    assert await write(chain, path)
    assert not path.exists()


async def test_a_vanished_head_is_noticed(chain: Chain, path: Path) -> None:
    await write(chain, path)
    await chain.intruder.run(f"DELETE FROM journal_head WHERE tenant_id = '{chain.tenant_id}'")  # noqa: S608
    assert await write(chain, path)
