"""Exports from the log: what is in them, in which order, and that files come back as they went."""

import io
import struct
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plantwright.core.errors import NotFound, ValidationFailed
from plantwright.readings.exchange import export_repository, exporting
from plantwright.readings.exchange.csv_format import FORMULA_STARTS, CsvEncoder, escape, read_csv, unescape
from plantwright.readings.exchange.exporting import Selection, plan_export, read_export
from plantwright.readings.exchange.long_form import Chunk, Encoder, FileRow, UnreadableFileError
from plantwright.readings.exchange.parquet_format import ParquetEncoder, read_parquet
from plantwright_agent.samples import Reading
from sqlalchemy import text

from tests.backend.readings.door import NOW, Door, PlainTenant, reading
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant

START = NOW - timedelta(days=2)
FAR = datetime(2020, 1, 1, tzinfo=UTC)
Row = tuple[str, str, str, datetime, float, int]
Written = tuple[str, str, str, int, bytes, str]


async def exported(databases: Databases, tenant: MadeTenant, selection: Selection) -> list[Row]:
    plan = await plan_export(databases.app, tenant.id, selection)
    rows: list[Row] = []
    async for chunk in read_export(databases.app, tenant.id, plan):
        moments = [datetime.fromtimestamp(time / 1000, UTC) for time in chunk.time_ms.tolist()]
        rows += [
            (*chunk.name, *rest) for rest in zip(moments, chunk.value.tolist(), chunk.quality.tolist(), strict=True)
        ]
    return rows


def everything(**more: Any) -> Selection:
    return replace(Selection((), (), FAR, FAR + timedelta(days=3_000)), **more)


async def put_segment(databases: Databases, tenant: MadeTenant, metric: str, start: datetime, **columns: Any) -> None:
    """A row of the log as merging leaves it."""
    given = {"offsets": None, "period": None, "quality": None, "flush_id": 1, "level": 2} | columns
    async with databases.worker.transaction(tenant.id) as work:
        await work.execute(
            text(
                "INSERT INTO segment "
                '(tenant_no, series_id, start, flush_id, offsets, period, "values", quality, level) '
                "SELECT :tenant_no, series_id, :start, :flush_id, :offsets, :period, :values, :quality, :level "
                "FROM metric WHERE tenant_id = :tenant_id AND name = :metric"
            ),
            {"tenant_no": tenant.number, "tenant_id": tenant.id, "metric": metric, "start": start, **given},
        )


class TestWhatIsInIt:
    async def test_series_by_series_in_order_of_time_and_with_bad_readings(
        self, door: Door, make_machine: MachineFactory
    ) -> None:
        await make_machine(door.tenant, "FAN-1", {"current": "A"})
        await door.post([reading(2.5, seconds=5), reading(1.5, seconds=10, quality="bad")])
        await door.post([reading(7, seconds=7, machine_identifier="FAN-1", metric_name="current", unit="A")])
        await door.post([reading(3.5, seconds=8, quality="uncertain")])

        rows = await exported(door.databases, door.tenant, everything())

        at = [NOW - timedelta(seconds=seconds) for seconds in (7, 10, 8, 5)]
        pump = ("PUMP-1", "vibration_rms", "mm/s")
        assert rows == [
            ("FAN-1", "current", "A", at[0], 7.0, 0),
            (*pump, at[1], 1.5, 2),
            (*pump, at[2], 3.5, 1),
            (*pump, at[3], 2.5, 0),
        ]

    async def test_of_several_readings_of_a_time_the_latest_flush_counts(self, door: Door) -> None:
        for value in (1, 2, 3):
            await door.post([reading(value, seconds=5)])

        rows = await exported(door.databases, door.tenant, everything())

        assert [value for *_, value, _ in rows] == [3.0]

    @pytest.mark.parametrize(
        ("start", "end", "values"), [(4, 2, [4.0, 3.0]), (4.001, 1.999, [4.0, 3.0, 2.0]), (60, 10, [])]
    )
    async def test_the_window_includes_its_start_and_not_its_end(
        self, door: Door, start: float, end: float, values: list[float]
    ) -> None:
        await door.post([reading(second, seconds=second) for second in range(6)])
        window = {"start": NOW - timedelta(seconds=start), "end": NOW - timedelta(seconds=end)}

        rows = await exported(door.databases, door.tenant, everything(**window))

        assert [value for *_, value, _ in rows] == values

    async def test_machines_and_metrics_narrow(self, door: Door, make_machine: MachineFactory) -> None:
        await make_machine(door.tenant, "FAN-1", {"vibration_rms": "mm/s"})
        await door.post(
            [
                reading(1),
                reading(2, metric_name="current", unit="A"),
                reading(3, machine_identifier="FAN-1"),
            ]
        )

        async def values(**narrowed: Any) -> list[float]:
            return [value for *_, value, _ in await exported(door.databases, door.tenant, everything(**narrowed))]

        assert await values(machines=["PUMP-1"]) == [2.0, 1.0]
        assert await values(metrics=["vibration_rms"]) == [3.0, 1.0]
        assert await values(machines=["PUMP-1", "FAN-1"], metrics=["current"]) == [2.0]

    async def test_merged_regular_and_flush_segments_come_as_one_series(self, door: Door) -> None:
        hour = START.replace(minute=0, second=0)
        await door.post([reading(0)])
        metric = "vibration_rms"
        await put_segment(door.databases, door.tenant, metric, hour, period=1_000, values=[1.0, 2.0, 3.0])
        await put_segment(
            door.databases,
            door.tenant,
            metric,
            hour,
            flush_id=2,
            offsets=[1_000, 2_500],
            values=[20.0, 25.0],
            level=1,
            quality=[1, 2],
        )
        await put_segment(
            door.databases, door.tenant, metric, hour + timedelta(seconds=2), flush_id=3, offsets=[0], values=[30.0]
        )

        rows = await exported(door.databases, door.tenant, everything(end=NOW - timedelta(hours=1)))

        assert [(round((at - hour).total_seconds() * 1000), value, quality) for *_, at, value, quality in rows] == [
            (0, 1.0, 0),
            (1_000, 20.0, 1),
            (2_000, 30.0, 0),
            (2_500, 25.0, 2),
        ]

    @pytest.mark.parametrize("piece", [1, 3, 7, 1_000])
    async def test_however_it_is_cut_each_reading_comes_once(
        self, door: Door, monkeypatch: pytest.MonkeyPatch, piece: int
    ) -> None:
        """Segments that overlap, one of them over all others; a corrected reading in each of several flushes."""
        monkeypatch.setattr(exporting, "PIECE_READINGS", piece)
        midnight = START.replace(hour=0, minute=0, second=0)
        await door.post([reading(0)])
        expected: dict[int, float] = {}
        for flush_id, offsets in enumerate(
            [[0, 40_000_000, 80_000_000], [1, 5, 9], [5, 6, 7, 8], [40_000_000, 40_000_001], [2, 80_000_000]], start=1
        ):
            values = [flush_id + place / 10 for place in range(len(offsets))]
            start, first = midnight + timedelta(milliseconds=offsets[0]), offsets[0]
            columns = {"offsets": [offset - first for offset in offsets], "values": values, "flush_id": flush_id}
            await put_segment(door.databases, door.tenant, "vibration_rms", start, **columns)
            expected |= dict(zip(offsets, values, strict=True))

        rows = await exported(door.databases, door.tenant, everything(end=midnight + timedelta(days=1)))

        found = [(round((at - midnight).total_seconds() * 1000), value) for *_, at, value, _ in rows]
        assert found == sorted(expected.items())

    async def test_a_chunk_is_no_longer_than_a_piece_and_a_segment(
        self, door: Door, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(exporting, "PIECE_READINGS", 10)
        await door.post([reading(0)])
        for place in range(30):
            start = START + timedelta(minutes=place)
            await put_segment(door.databases, door.tenant, "vibration_rms", start, period=1_000, values=[1.0] * 4)

        plan = await plan_export(door.databases.app, door.tenant.id, everything(end=NOW - timedelta(hours=1)))
        lengths = [len(chunk) async for chunk in read_export(door.databases.app, door.tenant.id, plan)]

        assert lengths == [12] * 10

    async def test_an_empty_selection_has_no_chunks(self, door: Door) -> None:
        assert await exported(door.databases, door.tenant, everything()) == []


class TestWhatIsRefused:
    async def test_machines_of_another_tenant_are_unknown(
        self, door: Door, plain_tenant: PlainTenant, make_machine: MachineFactory
    ) -> None:
        await make_machine(await plain_tenant(), "THEIRS")
        for machine in ("THEIRS", "NOBODY"):
            with pytest.raises(NotFound, match=f"There is no machine '{machine}'"):
                await plan_export(door.databases.app, door.tenant.id, everything(machines=["PUMP-1", machine]))

    async def test_readings_of_another_tenant_are_in_no_export(self, door: Door, plain_tenant: PlainTenant) -> None:
        await door.post([reading(1)])
        assert await exported(door.databases, await plain_tenant(), everything()) == []

    async def test_unknown_metrics(self, door: Door) -> None:
        with pytest.raises(NotFound, match="has a metric named 'colour'"):
            await plan_export(door.databases.app, door.tenant.id, everything(metrics=["vibration_rms", "colour"]))

    @pytest.mark.parametrize(
        "broken",
        [
            {"end": FAR},
            {"end": FAR - timedelta(seconds=1)},
            {"end": FAR + timedelta(days=3_661)},
            {"start": datetime(2026, 1, 1)},  # noqa: DTZ001 - what is refused
            {"machines": ["M"] * 1_001},
        ],
    )
    async def test_broken_bounds(self, door: Door, broken: dict[str, Any]) -> None:
        with pytest.raises(ValidationFailed):
            await plan_export(door.databases.app, door.tenant.id, everything(**broken))


class TestEstimate:
    async def test_without_rollups_readings_are_counted(self, door: Door) -> None:
        await door.post([reading(second, seconds=second) for second in range(6)])
        plan = await plan_export(door.databases.app, door.tenant.id, everything())
        assert plan.estimated_readings == 6

    async def test_hours_that_are_rolled_up_are_counted_there(self, door: Door) -> None:
        midnight = START.replace(hour=0, minute=0, second=0)
        await door.post([reading(second, seconds=second) for second in range(6)])
        async with door.databases.worker.transaction(door.tenant.id) as work:
            frontier = int((midnight + timedelta(hours=12)).timestamp() * 1000)
            await work.execute(
                text("INSERT INTO consumer_cursor (tenant_id, consumer, position) VALUES (:tenant, 'rollup', :at)"),
                {"tenant": door.tenant.id, "at": frontier},
            )
            await work.execute(
                text(
                    "INSERT INTO rollup (tenant_no, series_id, bucket_seconds, start, places, counts, lasts) "
                    "SELECT :number, series_id, 3600, :start, '{1,2,10}', '{100,200,400}', '{0,0,0}' "
                    "FROM metric WHERE tenant_id = :tenant"
                ),
                {"number": door.tenant.number, "start": midnight, "tenant": door.tenant.id},
            )

        async def estimate(**narrowed: Any) -> int | None:
            return (await plan_export(door.databases.app, door.tenant.id, everything(**narrowed))).estimated_readings

        assert await estimate() == 706
        assert await estimate(start=midnight + timedelta(hours=2)) == 606
        assert await estimate(end=midnight + timedelta(hours=2)) == 100

    async def test_none_when_it_takes_long(self, door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
        slow = text("SELECT 1 FROM pg_sleep(5)")
        monkeypatch.setattr(export_repository, "_ESTIMATE", slow)
        monkeypatch.setattr(export_repository, "_LIMIT_TIME", text("SET LOCAL statement_timeout = '50ms'"))
        plan = await plan_export(door.databases.app, door.tenant.id, everything())
        assert plan.estimated_readings is None
        assert [name for _, name in plan.series] == [("PUMP-1", "vibration_rms", "mm/s")]


def file_of(encoder: Encoder, chunks: Iterable[Chunk]) -> bytes:
    return b"".join([encoder.begin(), *map(encoder.add, chunks), encoder.finish()])


def bits(value: float) -> bytes:
    return struct.pack("<d", value)


def as_read(rows: Iterable[FileRow]) -> list[Written]:
    found: list[Written] = []
    for place, row in rows:
        assert isinstance(row, Reading), (place, row)
        time_ms = round(row.timestamp.timestamp() * 1000)
        found.append((row.machine_identifier, row.metric_name, row.unit, time_ms, bits(row.value), row.quality))
    return found


def as_written(chunks: Iterable[Chunk]) -> list[Written]:
    words = ("good", "uncertain", "bad")
    return [
        (*chunk.name, time_ms, bits(value), words[quality])
        for chunk in chunks
        for time_ms, value, quality in zip(
            chunk.time_ms.tolist(), chunk.value.tolist(), chunk.quality.tolist(), strict=True
        )
    ]


def chunk_of(name: tuple[str, str, str], rows: list[tuple[int, float, int]]) -> Chunk:
    times, values, qualities = zip(*rows, strict=True)
    return Chunk(name, np.array(times, np.int64), np.array(values, np.float64), np.array(qualities, np.int8))


TRICKY_VALUES = [-0.0, 0.0, 5e-324, -5e-324, 2.2250738585072014e-308, 1e308, -1.7976931348623157e308, 0.1, 1 / 3, 1e22]
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=20)
MARKED = st.builds(str.__add__, st.sampled_from(["'", "''", '"', ",", *FORMULA_STARTS]), TEXTS)
NAMES = st.tuples(TEXTS | MARKED, TEXTS | MARKED, TEXTS | MARKED | st.just(""))
TIMES = st.integers(0, 4_102_444_800_000)
VALUES = st.sampled_from(TRICKY_VALUES) | st.floats(allow_nan=False, allow_infinity=False)
CHUNKS = st.lists(
    st.builds(chunk_of, NAMES, st.lists(st.tuples(TIMES, VALUES, st.integers(0, 2)), min_size=1, max_size=20)),
    max_size=5,
)


class TestFiles:
    @given(CHUNKS)
    def test_csv_comes_back_as_it_went(self, chunks: list[Chunk]) -> None:
        assert as_read(read_csv(io.BytesIO(file_of(CsvEncoder(), chunks)))) == as_written(chunks)

    @given(CHUNKS)
    def test_parquet_comes_back_as_it_went(self, chunks: list[Chunk]) -> None:
        assert as_read(read_parquet(io.BytesIO(file_of(ParquetEncoder(), chunks)))) == as_written(chunks)

    def test_csv_looks_as_documented(self) -> None:
        chunks = [
            chunk_of(("=1+1", "-temp, inner", '"°C"'), [(1_767_254_400_250, -2.5, 0)]),
            chunk_of(("'quoted", "flow", ""), [(0, 1e22, 2), (1, -0.0, 1)]),
        ]
        assert file_of(CsvEncoder(), chunks).decode().splitlines() == [
            "time,machine,metric,unit,value,quality",
            '2026-01-01T08:00:00.250Z,\'=1+1,"\'-temp, inner","""°C""",-2.5,good',
            "1970-01-01T00:00:00.000Z,''quoted,flow,,1e+22,bad",
            "1970-01-01T00:00:00.001Z,''quoted,flow,,-0,uncertain",
        ]

    @pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "'=1", *(f"{start}1" for start in FORMULA_STARTS)])
    def test_no_text_cell_begins_like_a_formula(self, text: str) -> None:
        assert escape(text)[0] == "'"
        assert unescape(escape(text)) == text

    @pytest.mark.parametrize("text", ["PUMP-101", "", "a=b", "°C", "%", " =1"])
    def test_other_texts_stay_as_they_are(self, text: str) -> None:
        assert escape(text) == unescape(text) == text

    def test_a_parquet_file_without_its_end_cannot_be_opened(self) -> None:
        whole = file_of(ParquetEncoder(), [chunk_of(("M", "m", ""), [(0, 1.0, 0)])])
        for cut in (whole[:-1], whole[: len(whole) // 2], whole[:4], b""):
            with pytest.raises(UnreadableFileError):
                list(read_parquet(io.BytesIO(cut)))

    def test_files_without_readings_have_their_columns(self) -> None:
        assert list(read_csv(io.BytesIO(file_of(CsvEncoder(), [])))) == []
        assert list(read_parquet(io.BytesIO(file_of(ParquetEncoder(), [])))) == []
