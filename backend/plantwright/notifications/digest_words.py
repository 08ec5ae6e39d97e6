"""What was held, line by line, in the language of whoever is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from plantwright.notifications.models import Language
from plantwright.notifications.phrases import SEVERITIES


@dataclass(frozen=True, slots=True)
class _Phrases:
    """With `{}` for a time, or for how many alerts are left out."""

    raised: str
    cleared: str
    acknowledged: str
    open: str
    more: str


_PHRASES: Final[Mapping[Language, _Phrases]] = {
    Language.EN: _Phrases("Raised {}", "cleared {}", "acknowledged {}", "still open", "and {} more."),
    Language.DE: _Phrases("Ausgelöst {}", "vorbei {}", "quittiert {}", "noch offen", "und {} weitere."),
    Language.FR: _Phrases("Déclenchée {}", "terminée {}", "acquittée {}", "encore ouverte", "et {} de plus."),
    Language.ES: _Phrases("Desde {}", "terminada {}", "reconocida {}", "sigue abierta", "y {} más."),
}


def list_of(details: Mapping[str, Any], language: Language) -> str:
    """The alerts of a summary, one to a line; `details` is the payload of its fact."""
    phrases, zone = _PHRASES[language], ZoneInfo(details.get("time_zone", "UTC"))
    listed = details.get("lines", [])
    lines = [_line(one, language, zone) for one in listed]
    left_out = int(details.get("alerts", 0)) - len(listed)
    if left_out > 0:
        lines.append(phrases.more.format(left_out))
    return "\n".join(lines)


def _line(alert: Mapping[str, Any], language: Language, zone: ZoneInfo) -> str:
    phrases = _PHRASES[language]
    severity = SEVERITIES[language].get(alert["severity"], alert["severity"]).upper()
    place = f"{alert['machine']}: " if alert["machine"] else ""
    raised = phrases.raised.format(_time(alert["raised_at"], zone))
    return f"{severity} {place}{alert['message']}. {raised}, {_end(alert, phrases, zone)}."


def _end(alert: Mapping[str, Any], phrases: _Phrases, zone: ZoneInfo) -> str:
    if alert["cleared_at"] is not None:
        return phrases.cleared.format(_time(alert["cleared_at"], zone))
    if alert["acknowledged_at"] is not None:
        return phrases.acknowledged.format(_time(alert["acknowledged_at"], zone))
    return phrases.open


def _time(moment: str, zone: ZoneInfo) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(zone):%Y-%m-%d %H:%M %Z}"
