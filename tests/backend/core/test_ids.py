import time
from uuid import RFC_4122

import pytest
from plantwright.core.ids import parse_id, uuid7


def test_an_id_is_version_7_of_now() -> None:
    before = time.time_ns() // 1_000_000
    made = uuid7()
    after = time.time_ns() // 1_000_000
    assert (made.version, made.variant) == (7, RFC_4122)
    assert before <= made.int >> 80 <= after


def test_ids_of_later_milliseconds_are_greater_as_values_and_as_text() -> None:
    made = []
    for _ in range(20):
        made.append(uuid7())
        time.sleep(0.002)
    assert made == sorted(made)
    assert [str(one) for one in made] == sorted(str(one) for one in made)


def test_ids_do_not_repeat() -> None:
    assert len({uuid7() for _ in range(20_000)}) == 20_000


@pytest.mark.parametrize("text", ["", "no", "12345678", "01930000-0000-7000-8000-00000000000g"])
def test_text_that_is_no_id_names_nothing(text: str) -> None:
    assert parse_id(text) is None


def test_an_id_is_read_back() -> None:
    made = uuid7()
    assert parse_id(str(made)) == made
