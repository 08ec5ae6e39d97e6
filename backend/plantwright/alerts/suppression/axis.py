"""The axis beside the state: what keeps an alert from announcing itself (ISA-18.2, OPC UA part 9)."""

from collections.abc import Iterable
from enum import StrEnum

from plantwright.alerts.models import Alert


class Suppression(StrEnum):
    """By a person for a time, by the state of the plant, or because what it is about is being worked on."""

    SHELVED = "shelved"
    SUPPRESSED_BY_DESIGN = "suppressed_by_design"
    OUT_OF_SERVICE = "out_of_service"


class DesignReason(StrEnum):
    MACHINE_STOPPED = "machine_stopped"
    COMMUNICATION_LOST = "communication_lost"


def suppression_of(alert: Alert) -> list[Suppression]:
    """All that hold, in the order of the enumeration; empty when the alert announces itself."""
    held = {
        Suppression.SHELVED: alert.shelf_id is not None,
        Suppression.SUPPRESSED_BY_DESIGN: bool(alert.design_reasons),
        Suppression.OUT_OF_SERVICE: alert.out_of_service_id is not None,
    }
    return [kind for kind, is_held in held.items() if is_held]


def is_suppressed(alert: Alert) -> bool:
    return bool(suppression_of(alert))


def with_reason(alert: Alert, reason: DesignReason, *, holds: bool) -> bool:
    """Put the reason on or take it off; whether that changed anything."""
    before = set(alert.design_reasons)
    after = before | {reason.value} if holds else before - {reason.value}
    alert.design_reasons = _in_order(after)
    return after != before


def _in_order(reasons: Iterable[str]) -> list[str]:
    held = set(reasons)
    return [reason.value for reason in DesignReason if reason.value in held]
