"""Where the servers keep their data and whom they run as.

PostgreSQL refuses to run as root, so root hands both servers to `nobody`. That user has to be able to walk to
its data and to the programs; where the checkout forbids it (a home folder with mode 700, say), the data goes to a
folder of its own and a pointer file stays behind. No folder that exists already has its mode changed.
"""

import os
import pwd
import secrets
import shutil
import stat
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from plantwright.embedded.errors import LocalStartError
from plantwright.embedded.processes import Account

POINTER = "location"
UNPRIVILEGED_USER = "nobody"
TRAVERSE_ONLY = 0o711


@dataclass(frozen=True)
class Place:
    """The folders of one installation."""

    data_dir: Path
    servers: Path
    account: Account | None

    @property
    def run_dir(self) -> Path:
        return self.data_dir / "run"

    @property
    def log_dir(self) -> Path:
        return self.data_dir / "logs"

    def server_folder(self, name: str) -> Path:
        """A folder only the server's own user can open."""
        folder = self.servers / name
        folder.mkdir(mode=0o700, exist_ok=True)
        self.hand_over(folder)
        return folder

    def hand_over(self, path: Path) -> None:
        if self.account:
            os.chown(path, self.account.uid, self.account.gid)

    def programs(self, label: str, trees: Sequence[Path]) -> Path:
        """The folder that holds `trees` where the server's user can run them: as installed, or copied once."""
        installed = trees[0].parent
        if self.account is None or all(reachable(tree) for tree in trees):
            return installed
        copy = self.servers / "programs" / label
        if not copy.exists():
            _copy_readable(trees, copy)
        return copy


def find_place(data_dir: Path) -> Place:
    """The place of `data_dir`, made when it is new.

    Raises:
        LocalStartError: this user cannot run the servers here.
    """
    data_dir = data_dir.resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    if os.getuid() != 0:
        _require_named_user()
        return Place(data_dir, data_dir, None)
    account = _unprivileged_account()
    servers = data_dir if reachable(data_dir) else _elsewhere(data_dir)
    return Place(data_dir, servers, account)


def remove_elsewhere(data_dir: Path) -> None:
    """Drop the data the pointer file names, if there is one."""
    servers = _pointed(data_dir / POINTER)
    if servers is not None:
        shutil.rmtree(servers)


def reachable(path: Path) -> bool:
    """Whether any user can walk to `path` and enter or run it."""
    path = path.resolve()
    try:
        return all(step.stat().st_mode & stat.S_IXOTH for step in (path, *path.parents))
    except FileNotFoundError:
        return False


def _require_named_user() -> None:
    try:
        pwd.getpwuid(os.getuid())
    except KeyError:
        raise LocalStartError(
            f"User id {os.getuid()} has no entry in the user database, and PostgreSQL refuses to run without one. "
            "Start as a user that has a name, or set DATABASE_URL and REDIS_URL to servers of your own."
        ) from None


def _unprivileged_account() -> Account:
    try:
        entry = pwd.getpwnam(UNPRIVILEGED_USER)
    except KeyError:
        raise LocalStartError(
            f"PostgreSQL refuses to run as root and this machine has no user `{UNPRIVILEGED_USER}` to run it as. "
            "Start as an ordinary user."
        ) from None
    return Account(entry.pw_uid, entry.pw_gid)


def _elsewhere(data_dir: Path) -> Path:
    pointer = data_dir / POINTER
    known = _pointed(pointer)
    if known is not None:
        return known
    folder = _parent_for(data_dir) / f"plantwright-{secrets.token_hex(8)}"
    folder.mkdir(mode=TRAVERSE_ONLY)
    folder.chmod(TRAVERSE_ONLY)
    pointer.write_text(str(folder), encoding="utf-8")
    return folder


def _pointed(pointer: Path) -> Path | None:
    """The folder a pointer names, unless it vanished or was replaced by another user."""
    if not pointer.is_file():
        return None
    folder = Path(pointer.read_text(encoding="utf-8").strip())
    if not folder.is_dir() or folder.is_symlink() or folder.stat().st_uid != os.getuid():
        return None
    return folder


def _parent_for(data_dir: Path) -> Path:
    """Temporary data stays temporary; anything else goes where no cleaner removes it."""
    temporary = Path(tempfile.gettempdir()).resolve()
    candidates = (temporary, Path("/var/tmp")) if data_dir.is_relative_to(temporary) else (Path("/var/lib"),)  # noqa: S108 - its sticky bit and our random name keep others out
    for candidate in candidates:
        if reachable(candidate) and os.access(candidate, os.W_OK):
            return candidate
    raise LocalStartError(
        f"The servers run as `{UNPRIVILEGED_USER}`, who can reach neither {data_dir} nor {candidates[-1]}. "
        "Start as an ordinary user, or set PLANTWRIGHT_DATA_DIR to a folder every user can walk to."
    )


def _copy_readable(trees: Sequence[Path], copy: Path) -> None:
    """Appears under its name only when complete; the trees keep their place beside each other."""
    fresh = copy.with_name(copy.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for tree in trees:
        shutil.copytree(tree, fresh / tree.name, symlinks=True)
    for step in (fresh.parent, fresh, *fresh.rglob("*")):
        if not step.is_symlink():
            step.chmod(0o755 if step.is_dir() or step.stat().st_mode & stat.S_IXUSR else 0o644)
    fresh.replace(copy)
