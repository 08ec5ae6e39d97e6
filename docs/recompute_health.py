"""Recompute the health scores of a machine from a journal export; standard library only, no code of the product.

usage: python recompute_health.py EXPORT.jsonl MACHINE_ID     (one journal row per line, ascending by sequence)
"""

# ruff: noqa: INP001, T201

import json
import sys
from collections import Counter
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

WEEK, MONTH = timedelta(days=7), timedelta(days=30)


def recompute(alerts: list[dict[str, Any]], findings: list[dict[str, Any]], weight: str, now: datetime) -> int:
    shown = [a for a in alerts if not {"suppressed_by_design", "out_of_service"} & set(a.get("suppression", []))]

    def raised(severity: str, youngest: timedelta, oldest: timedelta) -> int:
        ages = [now - datetime.fromisoformat(a["raised_at"]) for a in shown if a["severity"] == severity]
        return sum(youngest <= age < oldest for age in ages)

    points = 15 * min(3, raised("critical", timedelta.min, WEEK)) + 6 * min(3, raised("critical", WEEK, MONTH))
    points += 5 * min(4, raised("warning", timedelta.min, WEEK)) + 2 * min(4, raised("warning", WEEK, MONTH))
    waiting = [a for a in shown if a["state"] == "active_unacknowledged" and "shelved" not in a.get("suppression", [])]
    points += 4 * min(5, len(waiting))
    recent = [f for f in findings if now - datetime.fromisoformat(f["time"]) < WEEK]
    episodes = Counter((f["metric_id"], f["detector"]) for f in recent if f["detector"] != "rule")
    counted = min(20, sum(min(4, number) for number in episodes.values()))
    w = Decimal(weight)
    return int(((1 - w) * max(0, 100 - points) + w * (100 - 5 * counted)).quantize(Decimal(1), ROUND_HALF_UP))


def main(path: str, machine: str) -> int:
    alerts: dict[str, dict[str, Any]] = {}
    findings: list[dict[str, Any]] = []
    weight, wrong = "0.3", 0
    for row in map(json.loads, open(path, encoding="utf-8")):  # noqa: SIM115, PTH123 - read once, to the end
        action, payload = row["action"], row["payload"]
        if action == "settings.changed" and "health.anomaly_weight" in payload["changes"]:
            weight = str(payload["changes"]["health.anomaly_weight"]["new"])
        elif payload.get("machine_id") != machine:
            continue
        elif action.startswith("alert."):
            alerts[payload["alert_id"]] = payload
        elif action == "finding.started":
            findings.append(payload)
        elif action == "health.changed":
            now = datetime.fromisoformat(payload["computed_at"])
            score = recompute(list(alerts.values()), findings, weight, now)
            wrong += score != payload["score"]
            print(row["sequence"], payload["computed_at"], "journal:", payload["score"], "recomputed:", score)
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
