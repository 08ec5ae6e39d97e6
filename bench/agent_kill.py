"""Kill -9 of an agent, or of the server under it, while it reads two files, a Modbus device and an OPC UA server.

Runs the fault test of the normal test command for longer. All four sources count, so that each number can be looked
for afterwards: what was committed, rows of files, the order of the batches in each lane, and whether what could not
be read lies in gaps. Half-way the server is away for 75 s, which makes a backlog (from 3 minutes on). The last line is
one JSON object; the exit code is 1 when a committed number was lost, doubled or out of order.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
TEST = "tests/integration/faults/test_agent_kills.py"
VICTIMS = ("agent", "server")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=5, help="of killing, for each victim")
    parser.add_argument("--seed", type=int, default=1, help="of the moments and, in the server, the order of victims")
    parser.add_argument("--victim", choices=VICTIMS, help="both by default, one after the other")
    arguments = parser.parse_args()
    figures, failed = {}, False
    for victim in [arguments.victim] if arguments.victim else VICTIMS:
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "report.json"
            failed |= run(victim, arguments.minutes * 60, arguments.seed, report) != 0
            if report.exists():
                figures[victim] = json.loads(report.read_text(encoding="utf-8"))
    print(json.dumps(figures))
    return int(failed)


def run(victim: str, seconds: float, seed: int, report: Path) -> int:
    asked = {"SECONDS": str(seconds), "SEED": str(seed), "REPORT": str(report)}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", TEST, "-k", f"{victim}]"],
        cwd=ROOT,
        env=os.environ | {f"PLANTWRIGHT_AGENT_KILL_{name}": value for name, value in asked.items()},
        stdout=sys.stderr,
        check=False,
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
