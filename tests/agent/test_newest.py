"""What a source tells again when it is started anew is not stored again; what is new in any way is."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from plantwright_agent.buffer import newest
from plantwright_agent.buffer.batches import Lane
from plantwright_agent.buffer.store import Store
from plantwright_agent.buffer.surface import Addition
from plantwright_agent.samples import Reading

from tests.agent.support import buffered, rows

MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
LAST = Reading("PUMP-1", MOMENT, "level", 319.0, "mm", "ns2_slevel", "good")
OTHER = replace(LAST, metric_name="temperature", raw_tag="ns2_stemperature")


def opened(folder: Path, *, repeats: bool = True) -> Store:
    store = Store(folder, 50_000_000)
    store.register("plc", keep=False, repeats=repeats)
    return store


def acknowledge_all(store: Store) -> None:
    while batch := store.take("plc", Lane.LIVE, 1_000):
        store.settle(batch, {}, 1_000, 1)


@pytest.mark.parametrize("is_acknowledged", [True, False])
@pytest.mark.parametrize("is_opened_anew", [True, False])
def test_the_same_value_of_the_same_time_is_stored_once(
    folder: Path, *, is_acknowledged: bool, is_opened_anew: bool
) -> None:
    store = opened(folder)
    store.add(Addition("plc", [replace(LAST, value=318.0), LAST, OTHER]))
    if is_acknowledged:
        acknowledge_all(store)
    if is_opened_anew:
        store.close()
        store = opened(folder)
    waiting = len(buffered(folder))
    store.add(Addition("plc", [LAST, OTHER]))
    assert len(buffered(folder)) == waiting
    assert store.depths() == ({"plc": waiting} if waiting else {})
    store.close()


@pytest.mark.parametrize(
    "news",
    [
        replace(LAST, timestamp=MOMENT + timedelta(milliseconds=1)),
        replace(LAST, timestamp=MOMENT - timedelta(hours=1)),
        replace(LAST, value=320.0),
        replace(LAST, quality="uncertain"),
        replace(LAST, machine_identifier="PUMP-2"),
    ],
)
def test_what_differs_in_anything_is_stored(folder: Path, news: Reading) -> None:
    store = opened(folder)
    store.add(Addition("plc", [LAST]))
    acknowledge_all(store)
    store.close()
    store = opened(folder)
    store.add(Addition("plc", [LAST, news, LAST]))
    # After another of its own series the last one is news once more.
    again = [LAST.value] if news.machine_identifier == LAST.machine_identifier else []
    assert [item["value"] for item in buffered(folder)] == [news.value, *again]
    store.close()


def test_a_source_that_is_read_at_its_own_times_may_say_the_same_twice(folder: Path) -> None:
    store = opened(folder, repeats=False)
    store.add(Addition("plc", [LAST]))
    store.add(Addition("plc", [LAST]))
    assert len(buffered(folder)) == 2
    acknowledge_all(store)
    assert rows(folder, "SELECT * FROM newest") == []
    store.close()


def test_of_a_long_backlog_only_the_end_is_searched_at_the_start(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = opened(folder)
    store.add(Addition("plc", [OTHER]))
    store.add(Addition("plc", [LAST]))
    store.close()
    monkeypatch.setattr(newest, "MOST_SEARCHED", 1)
    store = opened(folder)
    store.add(Addition("plc", [LAST, OTHER]))
    assert [item["metric_name"] for item in buffered(folder)] == ["temperature", "level", "temperature"]
    store.close()


def test_a_backlog_that_is_acknowledged_late_does_not_make_the_newest_older(folder: Path) -> None:
    store = opened(folder)
    store.add(Addition("plc", [replace(LAST, timestamp=MOMENT - timedelta(minutes=5), value=1.0)]))
    store.shift(0.0)
    store.add(Addition("plc", [LAST]))
    acknowledge_all(store)
    while batch := store.take("plc", Lane.BACKLOG, 1_000):
        store.settle(batch, {}, 1_000, 1)
    store.close()
    store = opened(folder)
    store.add(Addition("plc", [LAST]))
    assert store.depths() == {}
    store.close()
