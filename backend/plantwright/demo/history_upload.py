"""Sends a day of history through the ingest door, like any integration would."""

from uuid import UUID

import httpx
from rich.progress import Progress

from plantwright.demo.errors import DemoError
from plantwright.demo.history import DEFAULT_HOURS, history_bodies

STREAM = "demo history"
_MULTI_STATUS = 207


class HistoryRefused(DemoError):
    code = "HISTORY_REFUSED"


async def upload_history(api_url: str, api_key: str, agent: UUID, end_ms: int) -> None:
    """
    Raises:
        HistoryRefused: the API cannot be reached or refused a batch.
    """
    bodies = list(history_bodies(end_ms, hours=DEFAULT_HOURS))
    async with httpx.AsyncClient(base_url=api_url, headers={"X-API-Key": api_key}, timeout=60) as client:
        with Progress(transient=True) as progress:
            for number, body in enumerate(progress.track(bodies, description="A day of history"), start=1):
                await _post(client, {"agent": str(agent), "stream": STREAM, "sequence": number, **body})


async def _post(client: httpx.AsyncClient, body: dict[str, object]) -> None:
    try:
        answer = await client.post("/api/v1/ingest", json=body)
    except httpx.HTTPError as error:
        raise HistoryRefused(f"The history could not be sent: {error}.") from error
    if answer.status_code != _MULTI_STATUS or answer.json()["rejected_count"]:
        raise HistoryRefused(f"The API refused the history ({answer.status_code}): {answer.text[:500]}")
