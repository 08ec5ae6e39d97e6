"""JSON documents to samples.

A document that is not JSON, and a record that is no object or has no time, are set aside. A value that is absent or
null was not measured; one that is there but is no number is set aside while the others of the record are kept.
"""

from datetime import datetime
from pathlib import Path as FilePath

import msgspec

from plantwright_agent.inputs.files.rows import LineParser, Parsed, broken
from plantwright_agent.inputs.files.tag import QualityReader, Tags
from plantwright_agent.inputs.files.times import TimeReader
from plantwright_agent.inputs.json_watch.config import JsonConfig
from plantwright_agent.inputs.json_watch.path import Path, Records
from plantwright_agent.samples import Origin, Quality, RawSample

SHOWN = 1_000


class JsonParser(LineParser):
    """Documents of one file."""

    def __init__(self, path: FilePath, config: JsonConfig, machine_identifier: str | None) -> None:
        super().__init__(path)
        self._config = config
        self._tags = Tags(config.metrics, machine_identifier)
        self._time_reader = TimeReader(config.time_format, config.time_zone)
        self._quality_reader = QualityReader(config.qualities)
        self._records = Records(config.records) if config.records is not None else None
        self._times = [Path(key) for key in config.time_keys]
        self._machine, self._metric = _path(config.machine_key), _path(config.metric_key)
        self._value, self._unit, self._quality = map(_path, (config.value_key, config.unit_key, config.quality_key))
        self._wide = [] if config.is_long else [(key, Path(key)) for key in config.metrics]

    def row(self, origin: Origin, parsed: Parsed) -> None:
        try:
            document = msgspec.json.decode(origin.text)
        except msgspec.DecodeError as error:
            parsed.dead_letters.append(broken(origin, f"is not JSON: {error}"))
            return
        if len(origin.text) > SHOWN:
            origin = Origin(origin.file, origin.line, origin.text[:SHOWN])
        records = [document] if self._records is None else self._records.find(document)
        if records is None:
            parsed.dead_letters.append(broken(origin, f"there is no array at {self._config.records!r}"))
            return
        for number, record in enumerate(records):
            reason = self._record(record, document, origin, parsed)
            if reason:
                place = "" if self._records is None else f"record {number}: "
                parsed.dead_letters.append(broken(origin, place + reason))

    def _record(self, record: object, document: object, origin: Origin, parsed: Parsed) -> str:
        """Add the values of one record, or say why there are none."""
        if not isinstance(record, dict):
            return "is not a JSON object"
        moment = self._moment(record, document)
        if moment is None:
            return f"key {', '.join(repr(key) for key in self._config.time_keys)} is not a time"
        quality = self._quality_reader.read(self._quality.find(record, document)) if self._quality else "good"
        if quality is None:
            return f"key {self._config.quality_key!r} is not a known quality"
        machine = _text(self._machine, record, document)
        if self._metric is not None:
            return self._long(record, document, RowHead(moment, quality, machine), origin, parsed)
        for key, path in self._wide:
            value = path.find(record, document)
            if value is None:
                continue
            tag = self._tags.tag(key, machine, "")
            if tag is None:
                return f"key {self._config.machine_key!r} names no machine"
            parsed.samples.append(RawSample(tag, value, moment, quality, origin))
        return ""

    def _long(self, record: object, document: object, head: "RowHead", origin: Origin, parsed: Parsed) -> str:
        name = _text(self._metric, record, document)
        if not name:
            return f"key {self._config.metric_key!r} names no metric"
        value = self._value.find(record, document) if self._value else None
        if value is None or not self._tags.wants(name):
            return ""
        tag = self._tags.tag(name, head.machine, _text(self._unit, record, document))
        if tag is None:
            return f"key {self._config.machine_key!r} names no machine"
        parsed.samples.append(RawSample(tag, value, head.moment, head.quality, origin))
        return ""

    def _moment(self, record: object, document: object) -> datetime | None:
        if len(self._times) == 1:
            return self._time_reader.read(self._times[0].find(record, document))
        parts = [path.find(record, document) for path in self._times]
        return self._time_reader.read(" ".join(str(part) for part in parts))


class RowHead(msgspec.Struct, frozen=True):
    """What the value of a record comes with. `machine` is empty when the record names none."""

    moment: datetime
    quality: Quality
    machine: str


def _path(expression: str | None) -> Path | None:
    return None if expression is None else Path(expression)


def _text(path: Path | None, record: object, document: object) -> str:
    value = None if path is None else path.find(record, document)
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
