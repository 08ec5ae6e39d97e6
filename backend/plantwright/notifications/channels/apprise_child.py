"""The process that calls Apprise: one question on standard input, one answer `{status, detail}` on standard output.

`status` is `usable` (a URL that was only checked), `sent`, `failed`, `refused` (an address) or `invalid` (the URL).
"""

import logging
import os
import signal
import sys
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import apprise
import certifi
import orjson

from plantwright.core.addresses import parse_networks
from plantwright.core.outbound import SETTING, TOTAL_SECONDS, OutboundGuard, parse_ports
from plantwright.notifications.channels.apprise_confinement import Confinement

LONGEST_DETAIL: Final = 500
# They show something on the computer that they run on, or speak what cannot be checked there.
LOCAL: Final = frozenset(
    {"blink1", "dbus", "gio", "glib", "gnome", "growl", "kde", "macosx", "qt", "rsyslog", "syslog", "windows"}
)
_OWN: Final = {"mailto": "email", "mailtos": "email", "mqtt": "mqtt", "mqtts": "mqtt", "vapid": "web_push"}


def answer(question: Mapping[str, Any]) -> tuple[str, str]:
    service, why = _service_of(question["url"])
    if service is None:
        return "invalid", why
    if "body" not in question:
        return "usable", ""
    said = _Said()
    guard = OutboundGuard(parse_networks(question["networks"], SETTING), ports=parse_ports(question["ports"]))
    confinement = Confinement(guard, is_secure=_scheme_of(question["url"]) in _schemes(service.secure_protocol))
    with _authorities(question.get("ca_file")), confinement:
        is_sent = service.notify(body=question["body"], title=question["title"], notify_type=question["kind"])
    if is_sent:
        return "sent", f"{service.service_name} took the message."
    if confinement.refusals:
        return "refused", confinement.refusals[0]
    return "failed", said.last or f"{service.service_name} did not take the message."


def _service_of(url: str) -> tuple[apprise.NotifyBase | None, str]:
    """The service, or None and why there is none that may be used."""
    scheme = _scheme_of(url)
    if scheme in LOCAL:
        return None, f"{scheme}:// acts on the server itself."
    if scheme in _OWN:
        return None, f"{scheme}:// is not served here: use a channel of type {_OWN[scheme]}."
    asset = apprise.AppriseAsset(plugin_paths=[], secure_logging=True)
    said = _Said()
    service = apprise.Apprise.instantiate(url, asset=asset)
    if service is None:
        return None, said.last or "url is not one that Apprise knows; see https://appriseit.com/services/."
    if not service.verify_certificate:
        return None, "url must not switch off the check of certificates (verify=no)."
    return service, ""


class _Said(logging.Handler):
    """Keeps the last trouble that the library tells of; secrets are masked in it."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.last = ""
        logging.getLogger("apprise").addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.last = record.getMessage()[:LONGEST_DETAIL]


def _scheme_of(url: str) -> str:
    return url.partition("://")[0].strip().lower()


def _schemes(of_service: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return (of_service,) if isinstance(of_service, str) else of_service or ()


@contextmanager
def _authorities(own: str | None) -> Generator[None]:
    """The operator's authorities beside those that everybody trusts, for as long as the block lasts."""
    with tempfile.NamedTemporaryFile(prefix="plantwright-ca-") as both:
        both.write(Path(certifi.where()).read_bytes() + (Path(own).read_bytes() if own else b""))
        both.flush()
        os.environ["REQUESTS_CA_BUNDLE"] = both.name
        yield


def main() -> None:
    # Whoever started this process may have ended meanwhile.
    signal.alarm(int(TOTAL_SECONDS) + 1)
    status, detail = answer(orjson.loads(sys.stdin.buffer.read()))
    sys.stdout.buffer.write(orjson.dumps({"status": status, "detail": detail}))


if __name__ == "__main__":
    main()
