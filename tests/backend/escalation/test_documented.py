"""The examples of docs/escalation.md, read from it and executed."""

import json
import re
from datetime import datetime, time, timedelta
from itertools import islice, takewhile
from pathlib import Path
from uuid import UUID

import httpx
from plantwright.alerts.models import Severity
from plantwright.core.settings import Settings
from plantwright.escalation.chain import FIRST, Chain, plan, wait_before
from plantwright.escalation.policy import Selectors, Step, Subject, closeness
from plantwright.escalation.quiet_hours import DigestRhythm, QuietHours, is_held, release_time
from plantwright.escalation.rotation import Layer, TurnUnit, calendar
from plantwright.escalation.wall_time import WeeklyWindow, moment_of
from plantwright.identity.models import Role

from tests.backend.escalation.clocks import BERLIN, berlin, wall
from tests.backend.escalation.making import Plant
from tests.backend.rest.caller import Caller

TEXT = (Path(__file__).parents[3] / "docs" / "escalation.md").read_text(encoding="utf-8")
PRESS, CHANNEL = UUID(int=7), UUID(int=1)
PEOPLE = {"Anna": UUID(int=1), "Ben": UUID(int=2), "Cleo": UUID(int=3)}


def rows(head: str) -> list[list[str]]:
    """The table whose first column is called like this."""
    lines = TEXT.split(f"| {head} |", 1)[1].splitlines()[2:]
    table = takewhile(lambda line: line.startswith("|"), lines)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def selectors(names: str) -> Selectors:
    return Selectors(
        re.findall(r"severity (\w+)", names), re.findall(r"site (Hall \d)", names), [PRESS] * ("machine" in names)
    )


def test_the_table_of_policies() -> None:
    subject = Subject("critical", PRESS, "Hall 1")
    table = rows("Policy")
    points = [closeness(selectors(names), subject) for _, names, _, _ in table]
    assert [("does not fit" if one is None else str(one)) for one in points] == [shown for _, _, shown, _ in table]
    most = max(one for one in points if one is not None)
    assert ["yes" if one == most else "no" for one in points] == [applies for *_, applies in table]
    assert len(table) == 6


def test_the_times_of_two_rounds() -> None:
    [told] = re.findall(r"raised at 12:00 is told at (.*)\.", TEXT)
    chain = Chain([Step(5, (CHANNEL,)), Step(10, (CHANNEL,))], 2, 20)
    raised = datetime.fromisoformat("2026-03-02T12:00:00Z")
    steps = islice(plan(chain, FIRST, raised + wait_before(chain, FIRST)), 9)
    assert [f"{step.due_at:%H:%M}" for step in steps] == re.findall(r"\d\d:\d\d", told)


def test_the_table_of_wall_times() -> None:
    table = rows("Wall time in Berlin")
    assert len(table) == 3
    for shown, moment, _ in table:
        assert moment_of(datetime.fromisoformat(shown), BERLIN) == datetime.fromisoformat(moment)


def test_the_weekly_rotation() -> None:
    layer = Layer("", tuple(PEOPLE.values()), wall(2026, 3, 2, 8), TurnUnit.WEEK, 1)
    names = {user_id: name for name, user_id in PEOPLE.items()}
    table = rows("From")
    start = datetime.fromisoformat(table[0][0])
    shifts = calendar([layer], [], BERLIN, start, start + timedelta(days=20))
    assert [[shift.start, names[shift.user_id or CHANNEL]] for shift in shifts] == [
        [datetime.fromisoformat(moment), name] for moment, name in table
    ]


def test_the_short_night() -> None:
    quiet = QuietHours(
        time_zone="Europe/Berlin",
        windows=(WeeklyWindow((1, 2, 3, 4, 5, 6, 7), time(22), time(6)),),
        low_urgency=(Severity.INFO, Severity.WARNING),
        rhythm=DigestRhythm.AFTER_QUIET_HOURS,
        digest_time=time(7),
        digest_weekday=1,
    )
    at = berlin(2026, 3, 28, 23, 30)
    assert is_held(quiet, "warning", at)
    assert "is told on 29 March at 04:00Z" in TEXT
    assert release_time(quiet, at) == datetime.fromisoformat("2026-03-29T04:00:00Z")


async def test_the_single_step_reads_back_as_it_was_written(
    plant: Plant, client: httpx.AsyncClient, settings: Settings
) -> None:
    [written] = re.findall(r"```json\n(.*?)\n```", TEXT, re.DOTALL)
    body = json.loads(written) | {"channel_id": str(plant.channel_id)}
    made = await Caller.of(client, settings, plant.tenant).write("POST", "/escalation-policies", body, 201)
    assert body.items() <= made.items()
    listed = await Caller.of(client, settings, plant.tenant, Role.VIEWER).get("/escalation-policies")
    [item] = listed["items"]
    assert body.items() <= item.items()
    assert item["steps"][0]["targets"][0]["name"] == "Maintenance"
