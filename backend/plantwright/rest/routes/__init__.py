"""The table: every route of the shim. Of two that fit a path the first one is taken."""

from plantwright.rest.routes import (
    agents,
    alerts,
    detection,
    escalation,
    health,
    identity,
    journal,
    machines,
    notification_rules,
    notifications,
    push,
    readings,
    settings,
    sources,
    storage,
    work_orders,
)

ROUTES = (
    *identity.ROUTES,
    *machines.ROUTES,
    *health.ROUTES,
    *readings.ROUTES,
    *alerts.ROUTES,
    *agents.ROUTES,
    *work_orders.ROUTES,
    *journal.ROUTES,
    *settings.ROUTES,
    *detection.ROUTES,
    *storage.ROUTES,
    *sources.ROUTES,
    *escalation.ROUTES,
    *push.ROUTES,
    *notifications.ROUTES,
    *notification_rules.ROUTES,
)
