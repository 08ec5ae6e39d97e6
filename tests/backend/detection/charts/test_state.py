import numpy as np
import pytest
from plantwright.detection.charts.state import DetectionState, StateUnreadable, bytes_per_series

from tests.backend.detection.support import feed, regular


def learnt() -> DetectionState:
    rng = np.random.default_rng(1)
    values = rng.normal(0.0, 1.0, (900, 3))
    values[800:] += 30.0
    state, findings = feed(regular(900, 60_000), values)
    assert findings
    return state


def test_bytes_read_back_exactly() -> None:
    state = learnt()
    data = state.to_bytes()
    again = DetectionState.from_bytes(data)
    assert again.to_bytes() == data
    np.testing.assert_array_equal(again.buckets.mean, state.buckets.mean)
    np.testing.assert_array_equal(again.episodes.is_open, state.episodes.is_open)


def test_a_state_read_back_goes_on_as_before() -> None:
    state = learnt()
    rng = np.random.default_rng(2)
    values = rng.normal(0.0, 1.0, (300, 3))
    late = regular(300, 60_000) + 900 * 60_000
    kept = feed(late, values, state=state)
    restored = feed(late, values, state=DetectionState.from_bytes(state.to_bytes()))
    assert restored[1] == kept[1] != []
    assert restored[0].to_bytes() == kept[0].to_bytes()


def test_take_splits_a_state() -> None:
    state = learnt()
    rows = np.array([2, 0])
    part = state.take(rows)
    np.testing.assert_array_equal(part.series.last_value, state.series.last_value[rows])


def test_size_is_bounded() -> None:
    assert bytes_per_series() < 6 * 1024
    assert len(DetectionState.empty(10).to_bytes()) == 14 + 10 * bytes_per_series()


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:5],
        lambda data: b"XXXX" + data[4:],
        lambda data: data[:4] + b"\x09\x00" + data[6:],
        lambda data: data[:-1],
        lambda data: data + b"\x00",
    ],
)
def test_damaged_bytes_are_refused(damage: object) -> None:
    data = DetectionState.empty(2).to_bytes()
    assert callable(damage)
    with pytest.raises(StateUnreadable, match="Rebuild it from the readings log"):
        DetectionState.from_bytes(damage(data))
