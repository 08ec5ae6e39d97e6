"""Kill -9 of the API, the worker, PostgreSQL and its sessions under load, then a comparison of what was acknowledged.

Runs the fault test of the normal test command with more kills: four senders push numbered readings through the HTTP
door, as JSON and as columns, in order and out of order, some batches twice, while the worker consumes, merges and
rolls up. The last line is one JSON object; the exit code is 1 when a reading was lost or doubled, or when anything
derived from the log is wrong.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
TEST = "tests/integration/faults/test_kills.py"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20, help="how many; each kind of victim about as often")
    parser.add_argument("--seed", type=int, default=1, help="of the order of the victims and of the moments")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        asked = {"KILLS": str(arguments.kills), "KILLS_SEED": str(arguments.seed), "KILLS_REPORT": str(report)}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", TEST],
            cwd=ROOT,
            env=os.environ | {f"PLANTWRIGHT_{name}": value for name, value in asked.items()},
            stdout=sys.stderr,
            check=False,
        )
        if report.exists():
            print(report.read_text(encoding="utf-8"))
    return int(done.returncode != 0)


if __name__ == "__main__":
    sys.exit(main())
