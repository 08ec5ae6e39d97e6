"""From an announcement to what a channel is told: words, link and the documented body of webhooks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import quote
from uuid import UUID

import structlog
from jinja2 import TemplateError

from plantwright.assets.models import Machine
from plantwright.core.clock import iso_utc
from plantwright.core.quantities import plain_number, unit_symbol
from plantwright.core.text import metric_title
from plantwright.notifications.announcement import AlertFacts, Announcement
from plantwright.notifications.digest_words import list_of
from plantwright.notifications.events import WEBHOOK_NAMES, Event
from plantwright.notifications.models import Language
from plantwright.notifications.phrases import BUILT_IN, SEVERITIES
from plantwright.notifications.templates import Words, render

log = structlog.get_logger()

WHERE_UNKNOWN = "Plantwright"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What messages are made with: the tenant's own words by event and language, its machines, the SPA's address."""

    tenant_id: UUID
    public_url: str
    machines: Mapping[UUID, Machine] = field(default_factory=dict)
    own: Mapping[tuple[str, str], Words] = field(default_factory=dict)

    def words(self, announcement: Announcement, language: str) -> Words:
        """Rendered. The tenant's own words give way to ours when a value does not fit them."""
        values = self.values(announcement, language)
        own = self.own.get((announcement.event, language))
        if own is not None:
            try:
                return render(own, values)
            except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
                log.warning("template_failed", event_name=announcement.event, language=language, error=repr(error))
        return render(BUILT_IN[Language(language)][announcement.event], values)

    def link(self, announcement: Announcement) -> str | None:
        base = self.public_url.rstrip("/")
        if announcement.alert is not None:
            return f"{base}/alerts/{announcement.alert.id}"
        if announcement.event in {Event.CHANNEL_DISABLED, Event.TEST}:
            return f"{base}/notifications"
        return f"{base}/alerts"

    def payload(self, announcement: Announcement, words: Words) -> dict[str, Any]:
        """The body of webhooks; docs/notifications.md shows it."""
        body: dict[str, Any] = {
            "event": WEBHOOK_NAMES.get(announcement.event, announcement.event.value),
            "timestamp": iso_utc(announcement.at),
            "tenant_id": str(self.tenant_id),
        }
        details = announcement.details
        if announcement.alert is not None:
            body["alert"] = self._alert(announcement.alert)
        if announcement.event is Event.ALERT_ESCALATED:
            names = ("policy_id", "policy", "step", "round", "due_at", "late_seconds")
            body["escalation"] = {name: details.get(name) for name in names}
        if announcement.event in {Event.FLOOD_BEGAN, Event.FLOOD_ENDED}:
            names = ("flood_id", "site", "began_at", "ended_at", "alerts", "peak")
            body["flood"] = {name: details.get(name) for name in names}
        if announcement.event is Event.DIGEST:
            body["digest"] = {"subject": words.subject, "text": words.text, "alert_ids": details.get("alert_ids")}
        if announcement.event is Event.CHANNEL_DISABLED:
            body["channel"] = {"id": details["channel_id"], "name": details["name"], "reason": details["reason"]}
        return body

    def values(self, announcement: Announcement, language: str) -> dict[str, object]:
        """What templates may name."""
        alert, details = announcement.alert, announcement.details
        machine = None if alert is None or alert.machine_id is None else self.machines.get(alert.machine_id)
        severity = announcement.severity or ""
        values: dict[str, object] = {
            "event": announcement.event.value,
            "severity": SEVERITIES[Language(language)].get(severity, severity),
            "severity_code": severity,
            "machine": "" if machine is None else machine.name,
            "site": announcement.site,
            "where": announcement.site or WHERE_UNKNOWN if machine is None else machine.name,
            "metric": metric_title(alert.metric) if alert is not None and alert.metric else "",
            "value": "" if alert is None else _quantity(alert.value, alert.unit),
            "threshold": "" if alert is None else plain_number(alert.threshold),
            "message": "" if alert is None else alert.message,
            "raised_at": "" if alert is None else f"{alert.raised_at:%Y-%m-%d %H:%M} UTC",
            "link": self.link(announcement) or "",
            "policy": str(details.get("policy", "")),
            "step": details.get("step", ""),
            "late_minutes": int(details.get("late_seconds") or 0) // 60,
            "count": details.get("alerts", ""),
            "reason": str(details.get("reason", "")),
            "channel": str(details.get("name", "")),
            "alerts": "",
            "open_count": details.get("open", ""),
            "cause": "",
        }
        if announcement.event is Event.DIGEST:
            values |= {"alerts": list_of(details, Language(language)), "cause": _cause(details)}
            built_in = render(BUILT_IN[Language(language)][Event.DIGEST], values)
            # Words that were written before there were names for the parts of a summary.
            values |= {"message": built_in.subject, "reason": built_in.text}
        return values

    def _alert(self, alert: AlertFacts) -> dict[str, Any]:
        machine = None if alert.machine_id is None else self.machines.get(alert.machine_id)
        return {
            "id": str(alert.id),
            "machine_id": None if alert.machine_id is None else str(alert.machine_id),
            "machine_name": None if machine is None else machine.name,
            "severity": alert.severity,
            "message": alert.message,
            "metric_name": alert.metric,
            "metric_value": alert.value,
            "threshold_value": alert.threshold,
            "rule_id": None if alert.rule_id is None else str(alert.rule_id),
            "created_at": iso_utc(alert.raised_at),
        }


def _cause(details: Mapping[str, Any]) -> str:
    """Somebody's quiet hours, as long as they are one of the reasons."""
    reasons = details.get("reasons") or []
    return "flood" if reasons and "quiet_hours" not in reasons else "quiet_hours"


def html_of(words: Words, link: str | None, label: str) -> str:
    """The same words for mail programs; nothing in them is markup."""
    lines = "".join(f"<p>{escape(line)}</p>" for line in words.text.splitlines() if line.strip())
    button = "" if link is None else f'<p><a href="{escape(quote(link, safe=":/?=&%#-._~"))}">{escape(label)}</a></p>'
    return f"<h3>{escape(words.subject)}</h3>{lines}{button}"


def _quantity(value: float, unit: str) -> str:
    return f"{plain_number(value)} {unit_symbol(unit)}".rstrip()
