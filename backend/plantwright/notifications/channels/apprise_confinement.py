"""What a process may no longer do: an audit hook (PEP 578), which sees every connection, file and program.

It is against settings that make a trusted library do what it should not, not against hostile code.
"""

import ipaddress
import os
import sys
from typing import Any, Final, Self

from plantwright.core.errors import ValidationFailed
from plantwright.core.outbound import SETTING, OutboundGuard

_CONNECTING: Final = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_NEVER: Final = frozenset(
    {
        "ctypes.dlopen",
        "os.chmod",
        "os.exec",
        "os.fork",
        "os.forkpty",
        "os.link",
        "os.mkdir",
        "os.posix_spawn",
        "os.remove",
        "os.rename",
        "os.rmdir",
        "os.spawn",
        "os.symlink",
        "os.system",
        "os.truncate",
        "pty.spawn",
        "socket.bind",
        "subprocess.Popen",
    }
)
_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
# Code, zones and types of files; and what looking a name up reads.
_READABLE: Final = ("/usr/share/zoneinfo/", "/usr/lib/ssl/", "/etc/ssl/", "/etc/pki/")
_READABLE_FILES: Final = frozenset(
    {"/etc/hosts", "/etc/mime.types", "/etc/resolv.conf", "/etc/services", "/dev/urandom"}
)


class Confinement:
    """`is_secure`: the connection is by TLS; without it only listed networks serve. `refusals` say what was refused."""

    def __init__(self, guard: OutboundGuard, *, is_secure: bool) -> None:
        self._guard = guard
        self._is_secure = is_secure
        self._folders = (*(f"{os.path.realpath(one)}/" for one in {sys.prefix, sys.base_prefix}), *_READABLE)
        self._is_on = False
        self.refusals: list[str] = []

    def __enter__(self) -> Self:
        # A hook stays for the rest of the process's life.
        sys.addaudithook(self._hook)
        self._is_on = True
        return self

    def __exit__(self, *_: object) -> None:
        self._is_on = False

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._is_on:
            return
        if event in _CONNECTING:
            self._check_address(arguments[1])
        elif event == "open":
            self._check_file(*arguments)
        elif event in _NEVER:
            raise self._refused(f"{event} is not allowed here.")

    def _check_address(self, address: Any) -> None:
        if not isinstance(address, tuple):
            raise self._refused("Only connections of the network are allowed here.")
        host, port = str(address[0]), int(address[1])
        try:
            ipaddress.ip_address(host.partition("%")[0])
            self._guard.check_connection(host, port)
        except ValidationFailed as error:
            raise self._refused(error.message) from None
        except ValueError:
            raise self._refused("Only addresses that were looked up are connected to here.") from None
        if not self._is_secure and not self._guard.are_listed([host]):
            raise self._refused(f"Without TLS only the networks of {SETTING} are connected to; use the secure scheme.")

    def _check_file(self, path: Any, mode: str | None, flags: int) -> None:
        if isinstance(path, int):
            return
        is_writing = bool(flags & _WRITING) or bool(set(mode or "") & set("wax+"))
        real = os.path.realpath(os.fsdecode(path))
        if is_writing or not (real in _READABLE_FILES or real.startswith(self._folders)):
            raise self._refused("The URL names a file of the server; files are not read here.")

    def _refused(self, why: str) -> PermissionError:
        self.refusals.append(why)
        return PermissionError(why)
