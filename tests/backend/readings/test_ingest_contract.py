"""The 207 contract, and each way of sending something bad."""

import json
from datetime import timedelta
from typing import Any

import pytest
from plantwright.core.clock import iso_utc
from plantwright.readings.ingest import decoded
from plantwright.rest import ingest

from tests.backend.readings.door import NOW, Door, KeyRing, PlainTenant, reading
from tests.factories import MachineFactory

FUTURE = iso_utc(NOW + timedelta(hours=1))
PAST = iso_utc(NOW - timedelta(days=3_651))


async def test_stores_a_batch_and_counts_it(door: Door) -> None:
    answer = await door.post([reading(1.25, seconds=2), reading(-0.0, seconds=1), reading(3, raw_tag="ns=2;i=4")])

    assert answer.status_code == 207
    assert answer.json() == {"accepted_count": 3, "rejected_count": 0, "errors": []}
    assert [row[2] for row in await door.rows()] == [1.25, -0.0, 3.0]
    assert door.stored_for == [door.tenant.id]


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (reading(machine_identifier="UNKNOWN-001"), "Machine not found"),
        (reading(machine_identifier="PUMP-1\x00"), "Machine identifier must be text of 1 to 100 characters"),
        (reading(machine_identifier=7), "Machine identifier must be text of 1 to 100 characters"),
        (reading(float("nan")), "Value must be finite"),
        (reading(float("inf")), "Value must be finite"),
        (reading(float("-inf")), "Value must be finite"),
        (reading(10**400), "Value must be finite"),
        (reading(True), "Value must be a number"),
        (reading("1.5"), "Value must be a number"),
        (reading(None), "Value must be a number"),
        (reading(timestamp=FUTURE), "Timestamp is more than 5 minutes in the future"),
        (reading(timestamp=PAST), "Timestamp is more than 3650 days in the past"),
        (reading(timestamp="2026-01-01T00:00:00"), "Timestamp must be an ISO 8601 time with Z or an offset"),
        (reading(timestamp=1_700_000_000), "Timestamp must be an ISO 8601 time with Z or an offset"),
        (reading(metric_name=""), "Metric name must be text of 1 to 255 characters"),
        (reading(metric_name="m" * 256), "Metric name must be text of 1 to 255 characters"),
        (reading(metric_name="half \ud800 pair"), "Metric name must be text of 1 to 255 characters"),
        (reading(unit=None), "Unit must be text of at most 64 characters"),
        (reading(unit="u" * 65), "Unit must be text of at most 64 characters"),
        (reading(unit="inch/s"), "Unit must be 'mm/s' as in the first reading of this metric"),
        (reading(quality="superb"), "Quality must be good, uncertain or bad"),
        (reading(raw_tag=4), "Raw tag must be text"),
        ({key: value for key, value in reading().items() if key != "unit"}, "unit is missing"),
        ("not a reading", "Reading must be an object"),
    ],
)
async def test_one_bad_reading_refuses_only_itself(door: Door, bad: Any, error: str) -> None:
    answer = await door.post([reading(1, seconds=2), bad, reading(2, seconds=1)])

    assert answer.status_code == 207
    body = answer.json()
    assert (body["accepted_count"], body["rejected_count"]) == (2, 1)
    assert [(item["index"], item["error"]) for item in body["errors"]] == [(1, error)]
    assert [row[2] for row in await door.rows()] == [1, 2]


async def test_names_the_machine_of_a_refused_reading(door: Door) -> None:
    answer = await door.post([reading(machine_identifier="UNKNOWN-001"), reading(machine_identifier=None)])

    assert [item["machine_identifier"] for item in answer.json()["errors"]] == ["UNKNOWN-001", None]


async def test_errors_come_in_the_order_of_the_batch(door: Door) -> None:
    nowhere = reading(machine_identifier="UNKNOWN-001")

    answer = await door.post([nowhere, reading(timestamp=FUTURE), nowhere, reading("x"), reading()])

    assert [item["index"] for item in answer.json()["errors"]] == [0, 1, 2, 3]


async def test_an_overflowing_literal_is_not_finite(door: Door) -> None:
    body = json.dumps({"readings": [reading(0.5), reading(0.25)]}).replace("0.25", "1e999")

    answer = await door.send(body.encode())

    assert [item["error"] for item in answer.json()["errors"]] == ["Value must be finite"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b'{"readings": [}', 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (b'{"readings": [' + b"9" * 5_000 + b"]}", 400),
        (b"[]", 422),
        (b"null", 422),
        (b"{}", 422),
        (b'{"readings": {}}', 422),
        (b'{"readings": [], "agent": "not-a-uuid", "stream": "s", "sequence": 1}', 422),
        (b'{"readings": [], "stream": "s", "sequence": 1}', 422),
        (b'{"readings": [], "agent": "00000000-0000-0000-0000-000000000001", "stream": "s", "sequence": 0}', 422),
        (b'{"readings": [], "agent": "00000000-0000-0000-0000-000000000001", "stream": "", "sequence": 1}', 422),
        (
            b'{"readings": [], "agent": "00000000-0000-0000-0000-000000000001", "stream": "\\u0000", "sequence": 1}',
            422,
        ),
    ],
)
async def test_refuses_a_body_that_is_no_batch(door: Door, body: bytes, status: int) -> None:
    answer = await door.send(body)

    assert answer.status_code == status
    detail = answer.json()["detail"]
    if status == 422:
        assert all(set(item) == {"loc", "msg", "type"} for item in detail)
    else:
        assert detail.startswith("Malformed JSON: ")


async def test_says_which_field_is_missing(door: Door) -> None:
    answer = await door.send(b"{}")

    assert answer.json() == {"detail": [{"loc": ["body", "readings"], "msg": "Field required", "type": "missing"}]}


async def test_an_empty_batch_is_fine(door: Door) -> None:
    assert (await door.post([])).json() == {"accepted_count": 0, "rejected_count": 0, "errors": []}


@pytest.mark.parametrize("extra", [{}, {"raw_tag": 5}])
async def test_refuses_more_than_a_thousand_readings_whole(door: Door, extra: dict[str, Any]) -> None:
    answer = await door.post([reading(**extra)] * (decoded.MAX_READINGS + 1))

    assert answer.status_code == 400
    assert answer.json() == {"detail": "A request carries at most 1000 readings, this one has 1001"}
    assert await door.rows() == []


async def test_takes_a_thousand_readings(door: Door) -> None:
    answer = await door.post([reading(number, seconds=number) for number in range(1_000)])

    assert answer.json()["accepted_count"] == 1_000
    assert len(await door.rows()) == 1_000


async def test_refuses_an_oversize_body_by_its_length(door: Door) -> None:
    answer = await door.send(b" " * (ingest.MAX_BODY_BYTES + 1))

    assert answer.status_code == 413
    assert answer.json() == {"detail": f"A request carries at most {ingest.MAX_BODY_BYTES} bytes"}


async def test_stops_reading_an_oversize_body_of_unknown_length(door: Door) -> None:
    sent = 0
    messages: list[Any] = []

    async def receive() -> dict[str, Any]:
        nonlocal sent
        sent += 1
        return {"type": "http.request", "body": b" " * 1_000_000, "more_body": True}

    async def send(message: Any) -> None:
        messages.append(message)

    await door.endpoint({"method": "POST", "headers": [(b"x-api-key", door.key.encode())]}, receive, send)

    assert messages[0]["status"] == 413
    assert sent <= 11
    assert (await door.post([reading()])).status_code == 207


async def test_stores_nothing_of_a_body_that_broke_off(door: Door) -> None:
    pieces = [{"type": "http.request", "body": b'{"readings": [', "more_body": True}, {"type": "http.disconnect"}]
    messages: list[Any] = []

    async def receive() -> Any:
        return pieces.pop(0)

    async def send(message: Any) -> None:
        messages.append(message)

    await door.endpoint({"method": "POST", "headers": [(b"x-api-key", door.key.encode())]}, receive, send)

    assert messages == []


@pytest.mark.parametrize(("key", "status"), [("", 401), ("hk_unknown", 401)])
async def test_refuses_without_a_valid_key_before_reading_the_body(door: Door, key: str, status: int) -> None:
    door.key = key

    answer = await door.send(b"{ this is not even JSON")

    assert answer.status_code == status
    assert set(answer.json()) == {"detail"}


async def test_refuses_other_methods(door: Door) -> None:
    assert (await door.client.get("/api/v1/ingest")).status_code == 405


async def test_another_tenants_machine_is_not_found(
    door: Door, keys: KeyRing, plain_tenant: PlainTenant, make_machine: MachineFactory
) -> None:
    other = await plain_tenant()
    await make_machine(other, "THEIRS-1")

    answer = await door.post([reading(machine_identifier="THEIRS-1")])

    assert [item["error"] for item in answer.json()["errors"]] == ["Machine not found"]
    assert await door.rows(other) == []
    door.key = keys.add(other)
    assert (await door.post([reading(machine_identifier="THEIRS-1")])).json()["accepted_count"] == 1
    assert await door.rows() == []


async def test_a_machine_registered_after_a_refusal_is_accepted_soon(
    door: Door, make_machine: MachineFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door.endpoint._series, "_unknown_seconds", 0.0)
    late = reading(machine_identifier="LATE-1")
    assert (await door.post([late])).json()["rejected_count"] == 1
    await make_machine(door.tenant, "LATE-1")

    assert (await door.post([late])).json()["accepted_count"] == 1


async def test_the_view_shows_what_was_sent_to_the_bit(door: Door) -> None:
    values = [0.1 + 0.2, 5e-324, -1.7976931348623157e308, 2**53 + 2.0, 1 / 3, -0.0]
    qualities = ["good", "uncertain", "bad", "good", "uncertain", "bad"]
    sent = [
        reading(value, seconds=index * 90_000, quality=quality)
        for index, (value, quality) in enumerate(zip(values, qualities, strict=True))
    ]

    assert (await door.post(sent)).json()["accepted_count"] == len(values)

    rows = await door.rows()
    assert [row[2].hex() for row in reversed(rows)] == [value.hex() for value in values]
    assert [row[3] for row in reversed(rows)] == [0, 1, 2, 0, 1, 2]
    assert [row[1] for row in reversed(rows)] == [NOW - timedelta(seconds=90_000 * index) for index in range(6)]
