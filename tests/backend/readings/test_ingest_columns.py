"""The columnar form: the same door, the same rules, packed arrays instead of objects."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import numpy as np
import pytest
from plantwright.core.clock import to_milliseconds
from plantwright.readings.ingest.decode_columns import CONTENT_TYPE, MAX_READINGS

from tests.backend.readings.door import NOW, Door, reading

VIBRATION = ("PUMP-1", "vibration_rms", "mm/s")


def columns(values: Sequence[float], *, times: Sequence[datetime] | None = None, **fields: Any) -> dict[str, Any]:
    """Readings of PUMP-1, the last one now, a second apart."""
    moments = times or [NOW - timedelta(seconds=len(values) - 1 - place) for place in range(len(values))]
    return {
        "series": [VIBRATION],
        "series_of": np.zeros(len(values), "<u2").tobytes(),
        "times": np.array([to_milliseconds(moment) for moment in moments], "<i8").tobytes(),
        "values": np.array(values, "<f8").tobytes(),
    } | fields


async def post(door: Door, body: Any, content_type: str = CONTENT_TYPE.decode()) -> httpx.Response:
    packed = body if isinstance(body, bytes) else msgspec.msgpack.encode(body)
    return await door.send(packed, **{"Content-Type": content_type})


@pytest.mark.parametrize("content_type", [CONTENT_TYPE.decode(), CONTENT_TYPE.decode().upper() + "; v=1"])
async def test_stores_columns_bit_for_bit(door: Door, content_type: str) -> None:
    values = [-0.0, 5e-324, 0.1, 1.7976931348623157e308]

    answer = await post(door, columns(values, quality=bytes([0, 1, 2, 0])), content_type)

    assert answer.status_code == 207
    assert answer.json() == {"accepted_count": 4, "rejected_count": 0, "errors": []}
    rows = await door.rows()
    assert np.array([row[2] for row in rows]).tobytes() == np.array(values).tobytes()
    assert [row[1] for row in rows] == [NOW - timedelta(seconds=3 - place) for place in range(4)]
    assert [row[3] for row in rows] == [0, 1, 2, 0]


async def test_several_series_share_a_body(door: Door) -> None:
    body = columns([1, 2, 3], series=[VIBRATION, ("PUMP-1", "temperature", "°C")])
    body["series_of"] = np.array([1, 0, 1], "<u2").tobytes()

    await post(door, body)

    assert [(row[0], row[2]) for row in await door.rows()] == [
        ("temperature", 1),
        ("temperature", 3),
        ("vibration_rms", 2),
    ]


async def test_bad_readings_refuse_only_themselves(door: Door) -> None:
    series = [VIBRATION, ("NONE", "vibration_rms", "mm/s"), ("PUMP-1", "vibration_rms", "inch/s")]
    times = [NOW, NOW, NOW, NOW, NOW + timedelta(hours=1), NOW - timedelta(days=3_651)]
    body = columns([1, 2, 3, float("nan"), 5, 6], times=times, series=series)
    body["series_of"] = np.array([0, 1, 2, 0, 0, 0], "<u2").tobytes()
    await door.post([reading(0, seconds=9)])

    answer = (await post(door, body)).json()

    assert (answer["accepted_count"], answer["rejected_count"]) == (1, 5)
    assert [(item["index"], item["error"]) for item in answer["errors"]] == [
        (1, "Machine not found"),
        (2, "Unit must be 'mm/s' as in the first reading of this metric"),
        (3, "Value must be finite"),
        (4, "Timestamp is more than 5 minutes in the future"),
        (5, "Timestamp is more than 3650 days in the past"),
    ]
    assert answer["errors"][0]["machine_identifier"] == "NONE"
    assert [row[2] for row in await door.rows()] == [0, 1]


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"values": b"1234567"}, ["body", "values"]),
        ({"values": bytes(8)}, ["body", "values"]),
        ({"series_of": bytes(2)}, ["body", "series_of"]),
        ({"series_of": b"\x01\x00\x00\x00"}, ["body", "series_of"]),
        ({"series": []}, ["body", "series_of"]),
        ({"series": [("PUMP-1\x00", "m", "u")]}, ["body", "series"]),
        ({"series": [("", "m", "u")]}, ["body"]),
        ({"quality": b"\x00"}, ["body", "quality"]),
        ({"quality": b"\x00\x03"}, ["body", "quality"]),
        ({"times": [1, 2]}, ["body"]),
        ({"stream": "alone"}, ["body", "agent"]),
        ({"agent": str(uuid4()), "stream": "s", "sequence": 0}, ["body"]),
        ({"agent": str(uuid4()), "stream": "\x00", "sequence": 1}, ["body", "agent"]),
    ],
)
async def test_refuses_columns_that_do_not_fit(door: Door, change: dict[str, Any], where: list[str]) -> None:
    answer = await post(door, columns([1, 2]) | change)

    assert answer.status_code == 422
    assert [item["loc"] for item in answer.json()["detail"]] == [where]
    assert await door.rows() == []


CUT_SHORT = msgspec.msgpack.encode(columns([1]))[:-1]


@pytest.mark.parametrize(
    "body", [b"", b"\xc1", b"{}", b"\x81\xa1\xff\x00", CUT_SHORT], ids=["empty", "unused", "json", "text", "cut"]
)
async def test_refuses_what_is_no_messagepack(door: Door, body: bytes) -> None:
    assert (await post(door, body)).status_code in {400, 422}


async def test_takes_ten_thousand_readings_and_no_more(door: Door) -> None:
    values = [float(number) for number in range(MAX_READINGS)]

    accepted = await post(door, columns(values))
    refused = await post(door, columns([*values, 0.0]))

    assert accepted.json()["accepted_count"] == MAX_READINGS
    assert refused.status_code == 400
    assert refused.json() == {"detail": "A request carries at most 10000 readings, this one has 10001"}
    assert len(await door.rows()) == MAX_READINGS


async def test_a_batch_may_be_repeated_in_the_other_form(door: Door) -> None:
    key: dict[str, Any] = {"agent": str(uuid4()), "stream": "press-line", "sequence": 1}
    first = await door.post([reading(1, seconds=1), reading(2)], **key)

    again = await post(door, columns([1, 2], **key))
    other = await post(door, columns([1, 3], **key))

    assert again.json() == first.json()
    assert other.status_code == 409
    assert [row[2] for row in await door.rows()] == [1, 2]
