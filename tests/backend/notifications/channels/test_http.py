"""What the answer of an HTTP receiver means."""

from datetime import UTC, datetime

import pytest
from plantwright.core.outbound import Outbound
from plantwright.notifications.channels.contract import Outcome
from plantwright.notifications.channels.http import post, retry_after

from tests.agent.tls import HOST
from tests.backend.notifications.channels.http_receiver import HttpReceiver, http_receiver
from tests.backend.notifications.channels.receiving import MESSAGE, House, serving

NOW = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)


async def asked(house: House, status: int, outbound: Outbound | None = None, **headers: str) -> Outcome:
    receiver: HttpReceiver
    async with http_receiver(house.tls) as receiver:
        receiver.status, receiver.headers = status, headers
        url = f"https://{HOST}:{receiver.port}/"
        return await post(outbound or house.outbound(), url, b"{}", MESSAGE)


@pytest.mark.parametrize(
    ("status", "is_delivered", "is_permanent", "is_gone"),
    [
        (200, True, False, False),
        (204, True, False, False),
        (203, True, False, False),
        (301, False, False, False),
        (400, False, True, False),
        (401, False, False, False),
        (403, False, False, False),
        (404, False, False, False),
        (408, False, False, False),
        (410, False, True, True),
        (413, False, True, False),
        (422, False, True, False),
        (429, False, False, False),
        (500, False, False, False),
        (503, False, False, False),
    ],
)
async def test_only_2xx_is_delivered(
    house: House, status: int, is_delivered: bool, is_permanent: bool, is_gone: bool
) -> None:
    outcome = await asked(house, status)
    assert (outcome.is_delivered, outcome.is_permanent, outcome.is_gone) == (is_delivered, is_permanent, is_gone)
    assert outcome.latency_ms >= 0


async def test_a_redirect_to_a_private_address_is_told_and_not_followed(house: House) -> None:
    outcome = await asked(house, 307, Location="http://169.254.169.254/latest/meta-data")
    assert outcome.status == "307"
    assert "redirects are not followed" in outcome.detail


async def test_nobody_there_is_an_outcome(house: House) -> None:
    async with serving(_never, house.tls) as port:
        pass
    outcome = await post(house.outbound(), f"https://{HOST}:{port}/", b"{}", MESSAGE)
    assert (outcome.is_delivered, outcome.status) == (False, "unreachable")


async def test_a_wrong_certificate_is_named(house: House) -> None:
    async with http_receiver(house.tls) as receiver:
        outcome = await post(house.outbound(), f"https://other.example:{receiver.port}/", b"{}", MESSAGE)
    assert outcome.status == "tls"


async def _never(reader: object, writer: object) -> None:
    """Nobody comes."""


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        ("0", 0.0),
        ("Mon, 02 Mar 2026 14:05:00 GMT", 300.0),
        ("Mon, 02 Mar 2026 13:00:00 GMT", 0.0),
        ("-5", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, NOW) == seconds
