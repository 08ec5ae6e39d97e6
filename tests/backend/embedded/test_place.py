"""Where the servers' data goes, and as whom they run when root starts them."""

import os
import pwd
import subprocess
from pathlib import Path

import pytest
from plantwright.embedded.errors import LocalStartError
from plantwright.embedded.place import find_place, reachable, remove_elsewhere
from plantwright.embedded.postgres import binary_folder
from plantwright.embedded.services import start_services

as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root hands its servers to another user")


@as_root
def test_root_hands_the_servers_to_nobody() -> None:
    with start_services() as services:
        for server in (services.postgres, services.valkey):
            assert server.child is not None
            status = Path(f"/proc/{server.child.process.pid}/status").read_text()
            uids, groups = (line.split()[1:] for line in status.splitlines() if line.startswith(("Uid", "Groups")))
            assert set(uids) == {str(pwd.getpwnam("nobody").pw_uid)}
            assert groups == []


@as_root
def test_data_moves_out_of_a_private_folder_whose_mode_stays(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    place = find_place(private / "data")
    assert not place.servers.is_relative_to(tmp_path)
    assert reachable(place.servers)
    assert private.stat().st_mode & 0o777 == 0o700
    assert find_place(private / "data").servers == place.servers
    remove_elsewhere(private / "data")
    assert not place.servers.exists()


@as_root
def test_programs_are_copied_when_nobody_cannot_reach_them(tmp_path: Path) -> None:
    package = tmp_path / "site" / "package"
    package.mkdir(parents=True)
    (package / "tool").write_text("#!/bin/sh\n")
    (package / "tool").chmod(0o700)
    place = find_place(tmp_path / "data")
    folder = place.programs("package-1", [package])
    assert folder != package.parent
    assert reachable(folder / "package" / "tool")
    assert place.programs("package-1", [package]) == folder
    remove_elsewhere(tmp_path / "data")


@as_root
def test_a_copied_postgres_finds_its_libraries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plantwright.embedded.place.reachable", lambda _: False)
    monkeypatch.setattr("plantwright.embedded.place._parent_for", lambda _: tmp_path)
    place = find_place(tmp_path / "data")
    binaries = binary_folder(place)
    assert binaries.is_relative_to(place.servers)
    done = subprocess.run([binaries / "psql", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("psql (PostgreSQL)")


@as_root
def test_a_pointer_replaced_by_another_user_is_not_followed(tmp_path: Path) -> None:
    stranger = tmp_path / "stranger"
    stranger.mkdir()
    os.chown(stranger, pwd.getpwnam("nobody").pw_uid, -1)
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "location").write_text(str(stranger))
    place = find_place(data)
    assert place.servers != stranger
    remove_elsewhere(data)
    assert stranger.exists()


def test_a_user_id_without_a_name_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000)
    with pytest.raises(LocalStartError, match="no entry in the user database"):
        find_place(tmp_path)
