"""Start one program so that it dies with its parent.

Run as a script, by path and with the standard library only: it is the few lines of Python between
`fork` and `exec` that `preexec_fn` would otherwise run in a forked copy of a threaded process.

The order matters: changing the user clears the request to die with the parent, so the request comes after it.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1
PARENT_GONE = 75


def die_with_parent(signal_number: int) -> None:
    """Ask the kernel to send `signal_number` when the thread that started this process ends (Linux only).

    Raises:
        OSError: the kernel refused.
    """
    if not sys.platform.startswith("linux"):
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")


def drop_to(user: str) -> None:
    """Become `uid:gid`, without any supplementary group."""
    uid, _, gid = user.partition(":")
    os.setgroups([])
    os.setgid(int(gid))
    os.setuid(int(uid))


def main(arguments: list[str]) -> None:
    parent, signal_number, user, *command = arguments
    if user != "-":
        drop_to(user)
    die_with_parent(int(signal_number))
    if os.getppid() != int(parent):
        sys.exit(PARENT_GONE)
    os.execv(command[0], command)  # noqa: S606 - the command is a fixed list made by the supervisor


if __name__ == "__main__":
    main(sys.argv[1:])
