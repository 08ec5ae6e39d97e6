"""`./justw run …`: the `plantwright` command line, told where the running installation is."""

import json
import os
import sys
import tomllib
from pathlib import Path

from plantwright.embedded.environment import FILE_NAME
from plantwright.embedded.lock import InstanceLock
from plantwright.embedded.up import LOCK_FILE


def told_by_running(data_dir: Path) -> dict[str, str]:
    """What `up` published for operators; nothing when it does not run or DATABASE_URL is set by hand."""
    path = data_dir / FILE_NAME
    if os.environ.get("DATABASE_URL") or not path.is_file() or not InstanceLock(data_dir / LOCK_FILE).is_held():
        return {}
    told = {str(name): str(value) for name, value in json.loads(path.read_text(encoding="utf-8")).items()}
    return told | _demo_key(data_dir / "demo" / "agent.toml")


def _demo_key(path: Path) -> dict[str, str]:
    """The demo agent's key, so that `import` works in the demo tenant without looking for one."""
    if os.environ.get("PLANTWRIGHT_API_KEY") or not path.is_file():
        return {}
    with path.open("rb") as file:
        return {"PLANTWRIGHT_API_KEY": str(tomllib.load(file)["agent"]["api_key"])}


def main() -> None:
    data_dir = Path(os.environ.get("PLANTWRIGHT_DATA_DIR", ".plantwright"))
    command = str(Path(sys.executable).with_name("plantwright"))
    os.execve(command, [command, *sys.argv[1:]], os.environ | told_by_running(data_dir))  # noqa: S606 - our own script


if __name__ == "__main__":
    main()
