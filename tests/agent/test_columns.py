"""The body of a chunk: nothing is lost in it, and damage never passes for readings."""

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plantwright_agent.buffer.columns import Columns, DamagedBodyError, joined

rows = st.lists(
    st.tuples(
        st.integers(0, 2**32 - 1),
        st.integers(-(2**62), 2**62),
        st.floats(allow_nan=False),
        st.integers(0, 2),
    ),
    min_size=1,
    max_size=50,
)


def columns(given_rows: list[tuple[int, int, float, int]]) -> Columns:
    series, times, values, quality = zip(*given_rows, strict=True)
    return Columns(array("I", series), array("q", times), array("d", values), bytearray(quality))


@given(rows, st.integers(0, 9))
def test_what_is_packed_comes_back_bit_for_bit(given_rows: list[tuple[int, int, float, int]], level: int) -> None:
    whole = columns(given_rows)
    again = Columns.unpack(whole.pack(level), len(whole))
    assert again == whole
    assert again.values.tobytes() == whole.values.tobytes()


@given(rows, st.data())
def test_any_changed_byte_is_noticed(given_rows: list[tuple[int, int, float, int]], data: st.DataObject) -> None:
    whole = columns(given_rows)
    body = bytearray(whole.pack(3))
    place = data.draw(st.integers(2, len(body) - 1))
    body[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(DamagedBodyError):
        Columns.unpack(bytes(body), len(whole))


def test_another_count_is_noticed() -> None:
    whole = columns([(1, 2, 3.0, 0)] * 4)
    with pytest.raises(DamagedBodyError, match="no 3 readings"):
        Columns.unpack(whole.pack(3), 3)


@given(rows, rows)
def test_parts_and_the_whole(
    first: list[tuple[int, int, float, int]], second: list[tuple[int, int, float, int]]
) -> None:
    whole = joined([columns(first), columns(second)])
    assert whole == columns(first + second)
    assert whole.part(len(first), len(whole)) == columns(second)
