"""Ingest requests of many clients: batches with keys and rising times, ten metrics to a machine.

In the columnar form a client may have several machines, which its batches go round.
"""

import json
from datetime import datetime, timedelta
from typing import Protocol
from uuid import uuid4

import msgspec
import numpy as np
from plantwright.core.clock import to_milliseconds
from plantwright.readings.ingest.decode_columns import CONTENT_TYPE

METRICS = 10
PLACE = b"@@@@-@@-@@T@@:@@"
BATCH_MS = 60_000


class Bodies(Protocol):
    content_type: str

    def next(self, client: int) -> tuple[bytes, int]:
        """The client's next body, which goes on in time where the one before ended, and how many readings it holds."""
        ...


class RowBodies:
    """JSON, an object per reading. One template per client; only times and numbers change."""

    content_type = "application/json"

    def __init__(self, clients: int, readings: int, start: datetime) -> None:
        self._readings = readings
        self._start = start
        self._sent = [0] * clients
        self._agents = [uuid4() for _ in range(clients)]
        self._templates = [self._template(client) for client in range(clients)]

    def next(self, client: int) -> tuple[bytes, int]:
        self._sent[client] += 1
        sequence = self._sent[client]
        head = f'{{"agent":"{self._agents[client]}","stream":"bench","sequence":{sequence},"readings":'.encode()
        minute = (self._start + timedelta(minutes=sequence)).strftime("%Y-%m-%dT%H:%M").encode()
        return head + self._templates[client].replace(PLACE, minute) + b"}", self._readings

    def _template(self, client: int) -> bytes:
        samples = self._readings // METRICS
        rows = [
            _reading(client, metric, sample, sample * BATCH_MS // samples)
            for sample in range(samples)
            for metric in range(METRICS)
        ]
        return json.dumps(rows, separators=(",", ":")).encode()


class ColumnBodies:
    """The columnar form of the same readings."""

    content_type = CONTENT_TYPE.decode()

    def __init__(
        self, clients: int, readings: int, start: datetime, *, machines: int = 0, batch_ms: int = BATCH_MS
    ) -> None:
        samples = readings // METRICS
        self._clients = clients
        self._readings = readings
        self._batch_ms = batch_ms
        self._start_ms = to_milliseconds(start)
        self._sent = [0] * clients
        self._agents = [str(uuid4()) for _ in range(clients)]
        self._series = [
            [(machine_name(machine), metric_name(metric), "mm/s") for metric in range(METRICS)]
            for machine in range(machines or clients)
        ]
        self._series_of = np.tile(np.arange(METRICS, dtype="<u2"), samples).tobytes()
        self._offsets = np.repeat(np.arange(samples, dtype="<i8") * batch_ms // samples, METRICS)
        values = [_value(metric, sample) for sample in range(samples) for metric in range(METRICS)]
        self._values = np.array(values, "<f8")

    def next(self, client: int) -> tuple[bytes, int]:
        self._sent[client] += 1
        sequence = self._sent[client]
        times = self._offsets + (self._start_ms + sequence * self._batch_ms)
        machine = (client + self._clients * sequence) % len(self._series)
        body = msgspec.msgpack.encode(
            {
                "agent": self._agents[client],
                "stream": "bench",
                "sequence": sequence,
                "series": self._series[machine],
                "series_of": self._series_of,
                "times": times.tobytes(),
                "values": self._values.tobytes(),
            }
        )
        return body, self._readings


def machine_name(client: int) -> str:
    return f"BENCH-{client:03}"


def metric_name(metric: int) -> str:
    return f"metric_{metric:02}"


def _value(metric: int, sample: int) -> float:
    return round(20 + 5 * ((sample * 7919 + metric * 104_729) % 1000) / 1000, 3)


def _reading(client: int, metric: int, sample: int, milliseconds: int) -> dict[str, object]:
    return {
        "machine_identifier": machine_name(client),
        "timestamp": f"{PLACE.decode()}:{milliseconds // 1000:02}.{milliseconds % 1000:03}Z",
        "metric_name": metric_name(metric),
        "value": _value(metric, sample),
        "unit": "mm/s",
        "raw_tag": f"ns=2;s=Bench.{client}.{metric}",
    }
