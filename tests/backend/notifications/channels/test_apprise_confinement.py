"""A confined process, tried with what it must not do."""

import json
import subprocess
import sys
from collections.abc import Sequence

CONFINED = """
import json, os, socket, ssl, subprocess, sys, zoneinfo
import encodings.idna
from plantwright.core.addresses import parse_networks
from plantwright.core.outbound import OutboundGuard
from plantwright.notifications.channels.apprise_confinement import Confinement

said = []
guard = OutboundGuard(parse_networks("10.0.0.0/8", "networks"))
with Confinement(guard, is_secure=sys.argv[1] == "secure"):
    for code in json.loads(sys.argv[2]):
        try:
            exec(code)
            said.append("done")
        except Exception as error:
            said.append(f"{type(error).__name__}: {error}")
print(json.dumps(said))
"""
FORBIDDEN = [
    "os.system('true')",
    "subprocess.run(['true'])",
    "os.fork()",
    "os.execv('/bin/true', ['true'])",
    "open('/etc/passwd')",
    "open('/tmp/plantwright-never-written', 'w')",
    "os.open('/tmp/plantwright-never-written', os.O_CREAT | os.O_WRONLY)",
    "open('/usr/share/zoneinfo/../../../etc/passwd')",
    "os.remove('/tmp/plantwright-never-written')",
    "socket.socket().connect(('127.0.0.1', 443))",
    "socket.socket().connect(('localhost', 443))",
    "socket.socket().connect(('169.254.169.254', 80))",
    "socket.socket().connect(('93.184.215.14', 80))",
    "socket.socket().connect(('10.0.0.1', 6379))",
    "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 514))",
    "socket.socket(socket.AF_UNIX).connect('/run/docker.sock')",
    "socket.socket().bind(('127.0.0.1', 0))",
]
NEEDED = ["socket.getaddrinfo('localhost', 443)", "open(os.__file__).close()", "zoneinfo.ZoneInfo('Europe/Berlin')"]


def attempt(codes: Sequence[str], security: str = "secure") -> list[str]:
    ended = subprocess.run(
        [sys.executable, "-c", CONFINED, security, json.dumps(codes)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    said: list[str] = json.loads(ended.stdout)
    return said


def test_what_it_must_not_do_is_refused_and_what_it_needs_is_not() -> None:
    said = dict(zip([*FORBIDDEN, *NEEDED], attempt([*FORBIDDEN, *NEEDED]), strict=True))
    assert [code for code in FORBIDDEN if not said[code].startswith("PermissionError")] == []
    assert [said[code] for code in NEEDED] == ["done"] * len(NEEDED)


def test_without_tls_it_stays_in_the_listed_networks() -> None:
    [said] = attempt(["socket.socket().connect(('93.184.215.14', 443))"], "plain")
    assert "Without TLS" in said
