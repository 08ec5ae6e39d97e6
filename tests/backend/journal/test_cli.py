"""The command line as people run it: one process, real database, exit code and text."""

# ruff: noqa: ASYNC240 - small local files

import asyncio
import hashlib
import hmac
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from plantwright.core.settings import Settings
from plantwright.journal.checkpoints import write_checkpoints

from tests.backend.journal.tampering import ROWS, Chain
from tests.conftest import AUDIT_KEY, SECRET_KEY


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


Run = Callable[..., Awaitable[Outcome]]


@pytest.fixture
def run(settings: Settings, tmp_path: Path) -> Run:
    async def start(*arguments: str, **changes: str) -> Outcome:
        environment = {
            "DATABASE_URL": settings.owner_url(),
            "PLANTWRIGHT_SECRET_KEY": SECRET_KEY,
            "PLANTWRIGHT_AUDIT_HMAC_KEY": AUDIT_KEY,
            "PLANTWRIGHT_DATA_DIR": str(tmp_path),
            "COLUMNS": "200",
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "plantwright.journal.cli", *arguments),
            env=environment | changes,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        return Outcome(int(process.returncode or 0), out.decode(), err.decode())

    return start


async def test_an_intact_chain(chain: Chain, run: Run) -> None:
    outcome = await run("verify", "--tenant", str(chain.tenant_id))
    assert outcome.code == 0, outcome
    head = bytes(chain.old_heads[ROWS]["row_hash"]).hex()
    assert f"intact, {ROWS} rows, head {head}." in outcome.out
    assert str(chain.other_tenant_id) not in outcome.out


async def test_a_broken_chain_among_all(chain: Chain, run: Run) -> None:
    await chain.intruder.delete("sequence = 5")
    outcome = await run("verify")
    assert outcome.code == 1, outcome
    assert f"mine ({chain.tenant_id}): BROKEN at row 5: deleted. Row 5 is missing" in outcome.out
    assert f"other ({chain.other_tenant_id}): intact, 1 rows" in outcome.out


async def test_the_checkpoints_of_the_data_folder_are_used(chain: Chain, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "checkpoints.jsonl"
    tenant = ("--tenant", str(chain.tenant_id))
    await write_checkpoints(chain.databases.worker, chain.journal, path, [chain.tenant_id])
    outcome = await run("verify", *tenant)
    assert (outcome.code, "1 checkpoints agree" in outcome.out) == (0, True), outcome

    await chain.intruder.delete("sequence > 8")
    await chain.intruder.set_back_head(chain.old_heads[8])
    outcome = await run("verify", *tenant)
    assert (outcome.code, "BROKEN at row 9: tail_cut" in outcome.out) == (1, True), outcome

    moved = path.rename(tmp_path / "copy.jsonl")
    assert (await run("verify", *tenant)).code == 0, "nothing in the database shows it"
    assert (await run("verify", *tenant, "--checkpoints", str(moved))).code == 1


async def test_a_forged_checkpoint_and_a_vanished_tenant_are_reported(chain: Chain, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "checkpoints.jsonl"
    await write_checkpoints(chain.databases.worker, chain.journal, path, [chain.tenant_id])
    line = json.loads(path.read_text())
    vanished = "01930000-0000-7000-8000-00000000000a"
    with path.open("a") as file:
        file.write(json.dumps(line | {"sequence": 3}) + "\n")
        file.write(json.dumps(line | {"tenant_id": vanished}) + "\n")
        file.write("torn")
    outcome = await run("verify")
    assert outcome.code == 1
    assert f"mine ({chain.tenant_id}): intact" in outcome.out
    assert "Line 2 of the checkpoints is forged" in outcome.out
    assert f"{vanished}: BROKEN" in outcome.out
    assert "line 4 of the checkpoints is unreadable" in outcome.err


@pytest.mark.parametrize(
    ("arguments", "changes", "said"),
    [
        (["--tenant", "no such plant"], {}, "There is no tenant named 'no such plant'."),
        (["--checkpoints", "/no/such/file"], {}, "There is no checkpoint file /no/such/file."),
        ([], {"PLANTWRIGHT_AUDIT_HMAC_KEY": "short"}, "PLANTWRIGHT_AUDIT_HMAC_KEY must be set"),
        ([], {"DATABASE_URL": "postgresql://nobody:x@127.0.0.1:1/none"}, "The database cannot be read"),
        ([], {"PLANTWRIGHT_SECRET_KEY": "x" * 40}, "password authentication failed"),
        (["--nonsense"], {}, "No such option"),
    ],
)
async def test_what_cannot_be_checked_ends_with_two(
    run: Run, arguments: list[str], changes: dict[str, str], said: str
) -> None:
    outcome = await run("verify", *arguments, **changes)
    assert outcome.code == 2, outcome
    assert said in outcome.err
    assert "Traceback" not in outcome.err


async def test_a_name_that_two_tenants_share_is_refused(chain: Chain, run: Run, settings: Settings) -> None:
    await chain.intruder.run(
        f"UPDATE tenant SET name = 'twin' WHERE id IN ('{chain.tenant_id}', '{chain.other_tenant_id}')"  # noqa: S608
    )
    outcome = await run("verify", "--tenant", "twin")
    assert outcome.code == 2
    assert str(chain.other_tenant_id) in outcome.err


async def test_the_export_can_be_recomputed_without_the_product(chain: Chain, run: Run, tmp_path: Path) -> None:
    target = tmp_path / "rows.jsonl"
    outcome = await run("export", "--tenant", str(chain.tenant_id), "--output", str(target))
    assert outcome.code == 0, outcome
    assert list(tmp_path.iterdir()) == [target]
    key = hmac.new(AUDIT_KEY.encode(), b"journal:" + chain.tenant_id.bytes, hashlib.sha256).digest()
    previous = "00" * 32
    rows = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    for row in rows:
        stated = row.pop("row_hash")
        text = json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert hmac.new(key, text.encode(), hashlib.sha256).hexdigest() == stated
        assert row["prev_hash"] == previous
        previous = stated
    assert [row["sequence"] for row in rows] == list(range(1, ROWS + 1))
    printed = await run("export", "--tenant", str(chain.tenant_id))
    assert printed.out == target.read_text(encoding="utf-8")


async def test_an_export_that_cannot_be_written_leaves_nothing(chain: Chain, run: Run, tmp_path: Path) -> None:
    outcome = await run("export", "--tenant", str(chain.tenant_id), "--output", str(tmp_path / "no" / "rows.jsonl"))
    assert outcome.code == 2
    assert "cannot be written" in outcome.err
    assert list(tmp_path.iterdir()) == []
