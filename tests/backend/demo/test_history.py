"""Past readings come as ingest bodies in time order and join the live values without a step."""

import time
from collections import Counter
from itertools import pairwise

import pytest
from plantwright.demo.history import history_bodies
from plantwright.demo.machines import MACHINES, find_machine
from plantwright.demo.signals import snapshot

END_MS = 1_768_392_000_000


def test_bodies_are_full_ordered_and_cover_the_window() -> None:
    bodies = list(history_bodies(END_MS, hours=1, step_seconds=10))
    readings = [reading for body in bodies for reading in body["readings"]]
    assert all(len(body["readings"]) == 1_000 for body in bodies[:-1])
    assert len(readings) == 360 * 29
    stamps = [reading["timestamp"] for reading in readings]
    assert all(earlier <= later for earlier, later in pairwise(stamps))
    assert (stamps[0], stamps[-1]) == ("2026-01-14T11:00:00Z", "2026-01-14T11:59:50Z")
    counts = Counter((reading["machine_identifier"], reading["metric_name"]) for reading in readings)
    assert len(counts) == 29
    assert set(counts.values()) == {360}


def test_a_reading_has_the_fields_of_the_ingest_contract_and_the_live_value() -> None:
    (body,) = history_bodies(END_MS, hours=1 / 360, step_seconds=10)
    assert len(body["readings"]) == sum(len(machine.metrics) for machine in MACHINES)
    reading = body["readings"][0]
    live = snapshot(find_machine("PUMP-101"), END_MS - 10_000)
    assert reading == {
        "machine_identifier": "PUMP-101",
        "timestamp": "2026-01-14T11:59:50Z",
        "metric_name": "vibration_rms",
        "value": live["vibration_rms"],
        "unit": "mm/s",
    }


def test_readings_lie_on_multiples_of_the_step_whatever_the_end() -> None:
    (body,) = history_bodies(END_MS + 3_777, hours=1 / 120, step_seconds=10)
    assert {reading["timestamp"][-3:] for reading in body["readings"]} == {"40Z", "50Z", "00Z"}


def test_a_day_takes_a_few_seconds_at_most() -> None:
    began = time.perf_counter()
    assert sum(len(body["readings"]) for body in history_bodies(END_MS)) == 8_640 * 29
    assert time.perf_counter() - began < 5.0


@pytest.mark.parametrize("wrong", [{"hours": 0}, {"step_seconds": 0}, {"size": 0}, {"size": 1_001}])
def test_impossible_requests_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="are needed"):
        history_bodies(END_MS, **wrong)
