"""The ingest request, as bytes. A reading is encoded once, when it enters the buffer."""

from datetime import datetime

import msgspec

from plantwright_agent.samples import Quality, Reading


class WireReading(msgspec.Struct, omit_defaults=True):
    """Field names and meaning are those of `POST /api/v1/ingest`."""

    machine_identifier: str
    timestamp: datetime
    metric_name: str
    value: float
    unit: str
    raw_tag: str = ""
    quality: Quality = "good"


_encode = msgspec.json.Encoder().encode


def encode_reading(reading: Reading) -> bytes:
    """One element of `readings`."""
    return _encode(
        WireReading(
            machine_identifier=reading.machine_identifier,
            timestamp=reading.timestamp,
            metric_name=reading.metric_name,
            value=reading.value,
            unit=reading.unit,
            raw_tag=reading.raw_tag,
            quality=reading.quality,
        )
    )


def encode_request(agent: str, stream: str, sequence: int, bodies: list[bytes]) -> bytes:
    """The whole body. The same batch always gives the same bytes."""
    head = _encode({"agent": agent, "stream": stream, "sequence": sequence})
    return head[:-1] + b',"readings":[' + b",".join(bodies) + b"]}"
