"""Run a command unless it has succeeded before with the same inputs.

    unless_done.py STAMP WORD... -- COMMAND...

Run as a script before anything is installed; standard library only. A word is an input, which is a file or a folder
taken with all it holds; or `except:PATH`, for what the command itself writes among its inputs; or `output:PATH`, which
only has to be there. The command line and the Python count as inputs too.
"""

import hashlib
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

SKIPPED_FOLDERS = {"node_modules", "__pycache__", "dist", ".git"}
OUTPUT = "output:"
EXCEPT = "except:"


def fingerprint(words: Iterable[str], command: Iterable[str]) -> str:
    """A hash over names and contents of all inputs, and the command line."""
    words = list(words)
    excepted = {Path(word.removeprefix(EXCEPT)) for word in words if word.startswith(EXCEPT)}
    digest = hashlib.sha256("\0".join([sys.version, *command]).encode())
    for word in words:
        if not word.startswith((OUTPUT, EXCEPT)):
            for path in sorted(_files(Path(word), excepted)):
                digest.update(str(path).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _files(path: Path, excepted: set[Path]) -> Iterator[Path]:
    if path in excepted:
        return
    if path.is_file():
        yield path
    elif path.is_dir() and path.name not in SKIPPED_FOLDERS:
        for inner in path.iterdir():
            yield from _files(inner, excepted)


def run(stamp: Path, words: list[str], command: list[str]) -> int:
    """The exit code; 0 without running when there is nothing to do."""
    outputs = [Path(word.removeprefix(OUTPUT)) for word in words if word.startswith(OUTPUT)]
    before = fingerprint(words, command)
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == before and all(path.exists() for path in outputs):
        return 0
    _say(f"  {stamp.name} …")
    began = time.monotonic()
    stamp.unlink(missing_ok=True)
    code = subprocess.run(command, check=False).returncode
    if code == 0:
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(before, encoding="utf-8")
        _say(f"  {stamp.name} done in {time.monotonic() - began:.1f} s")
    return code


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    stamp, *rest = sys.argv[1:]
    border = rest.index("--")
    sys.exit(run(Path(stamp), rest[:border], rest[border + 1 :]))


if __name__ == "__main__":
    main()
