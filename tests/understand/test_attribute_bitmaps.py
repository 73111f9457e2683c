"""Columns as bitmaps: written range by range, read whole, and asked for borders that no band knows of."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from zhike.understand.attributes import bitmaps, loaded
from zhike.understand.attributes.bitmaps import Piece, Pieces, band_rows, ids_of, known_rows, value_rows, write_rows
from zhike.understand.attributes.loaded import Borders, by_band, by_value
from zhike.understand.attributes.memory import Memory, bytes_of
from zhike.understand.attributes.tables import ATTRIBUTE_BITMAPS
from zhike.warehouse.contracts import CUSTOMERS_PER_SHARD

many_examples = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def in_two_ranges(values: pa.Array) -> Pieces:
    """The first half of the values for the first customers there are, the others for the first of the next range."""

    def pieces() -> Iterator[Piece]:
        half = len(values) // 2
        for first, part in ((0, values[:half]), (CUSTOMERS_PER_SHARD, values[half:])):
            yield first, np.arange(first, first + len(part), dtype=np.int64), part

    return pieces


def customers(count: int) -> list[int]:
    return [*range(count // 2), *range(CUSTOMERS_PER_SHARD, CUSTOMERS_PER_SHARD + count - count // 2)]


@pytest.fixture
def written(tmp_path: Path) -> Callable[[Iterator[list[bitmaps.Row]]], str]:
    """Writes rows as the index of an attribute, and gives the file."""

    def write(rows: Iterator[list[bitmaps.Row]]) -> str:
        uri = f"file://{tmp_path}/{time.time_ns()}.parquet"
        assert write_rows(ATTRIBUTE_BITMAPS, uri, rows, constant={"attribute": "a"})
        return uri

    return write


numbers = st.lists(st.one_of(st.none(), st.integers(-3, 3), st.floats(-50, 50)), min_size=2, max_size=200)
border = st.one_of(st.integers(-4, 4), st.floats(-60, 60), st.just(float("inf")), st.just(float("-inf")))


def test_between_any_two_borders_are_those_whose_number_is(
    written: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    @many_examples
    @given(numbers, border, border, st.booleans(), st.booleans(), st.integers(1, 9), st.sets(st.integers(0, 199)))
    def holds(
        values: list[float | None],
        low: float,
        high: float,
        with_low: bool,
        with_high: bool,
        most: int,
        some: set[int],
    ) -> None:
        monkeypatch.setattr(bitmaps, "LEAST_BANDS", most)
        monkeypatch.setattr(loaded, "ADDED_UP", 10 - most)
        index = by_band(written(band_rows(in_two_ranges(pa.array(values, pa.float64())))))
        of = dict(zip(customers(len(values)), values, strict=True))
        borders = Borders(low, high, with_low, with_high)

        def exactly() -> np.ndarray:
            return np.array([of[one] for band in index.bands for one in band], np.float64)

        wanted = [
            one
            for one, value in of.items()
            if value is not None
            and (low < value or (with_low and low == value))
            and (value < high or (with_high and value == high))
        ]
        assert list(index.between(borders, exactly)) == wanted
        few = BitMap([one for place, one in enumerate(of) if place in some])
        assert index.among(few, borders, exactly) == BitMap(wanted) & few
        assert list(index.known) == [one for one, value in of.items() if value is not None]
        assert index.missing is not None
        assert list(index.missing) == [one for one, value in of.items() if value is None]

    holds()


def test_a_value_that_very_many_have_is_a_band_of_its_own(written: Callable[..., str]) -> None:
    values = np.concatenate([np.zeros(60_000), np.arange(60_000) + 1.0, np.full(30_000, 500.5)])
    index = by_band(written(band_rows(in_two_ranges(pa.array(values)))))
    bands = [(low, high, len(found)) for low, high, found in zip(index.lower, index.upper, index.bands, strict=True)]
    assert (0.0, 0.0, 60_000) in bands
    assert (500.5, 500.5, 30_000) in bands
    assert max(count for low, high, count in bands if low < high) < 150_000 / bitmaps.LEAST_BANDS * 1.1


def test_the_same_column_gives_the_same_bytes_however_often_it_is_indexed(tmp_path: Path) -> None:
    column = pa.array(np.random.default_rng(5).lognormal(3, 1, 700_000))
    files = []
    for name in ("a", "b"):
        path = tmp_path / f"{name}.parquet"
        write_rows(ATTRIBUTE_BITMAPS, f"file://{path}", band_rows(in_two_ranges(column)), constant={"attribute": "a"})
        files.append(path.read_bytes())
    assert files[0] == files[1]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (pa.array([True, None, False, True]), {0.0: [CUSTOMERS_PER_SHARD], 1.0: [0, CUSTOMERS_PER_SHARD + 1]}),
        (pa.array([date(1970, 1, 3), None, None, date(1969, 12, 31)]), {2.0: [0], -1.0: [CUSTOMERS_PER_SHARD + 1]}),
        (pa.array([None, float("nan"), 7.25, None]), {7.25: [CUSTOMERS_PER_SHARD]}),
    ],
)
def test_days_and_yes_and_no_are_numbers_too(
    written: Callable[..., str], values: pa.Array, found: dict[float, list[int]]
) -> None:
    index = by_band(written(band_rows(in_two_ranges(values))))
    assert {low: list(band) for low, band in zip(index.lower, index.bands, strict=True)} == dict(sorted(found.items()))
    assert index.missing is not None
    assert len(index.missing) == 4 - sum(map(len, found.values()))


def test_a_text_has_a_bitmap_for_each_value_and_one_for_those_without(written: Callable[..., str]) -> None:
    texts = pa.array(["b", None, "a", "", "b", None])
    for column in (texts, texts.dictionary_encode()):
        index = by_value(written(value_rows(in_two_ranges(column))))
        first = CUSTOMERS_PER_SHARD
        assert {value: list(found) for value, found in index.values.items()} == {
            "": [first],
            "a": [2],
            "b": [0, first + 1],
        }
        assert index.missing == BitMap([1, first + 2])
        assert list(index.having(["a", "b", "z"])) == [0, 2, first + 1]


def test_a_text_with_too_many_values_has_none_of_them_indexed(
    written: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bitmaps, "MOST_VALUES", 2)
    index = by_value(written(value_rows(in_two_ranges(pa.array(["a", "b", None, "c"])), keep_missing=False)))
    assert (dict(index.values), index.missing) == ({}, BitMap([CUSTOMERS_PER_SHARD]))


def test_of_what_tells_who_somebody_is_only_the_lack_is_indexed(written: Callable[..., str]) -> None:
    uri = written(known_rows(in_two_ranges(pa.array(["Ada", None, "Ben", None]))))
    rows = pq.read_table(uri.removeprefix("file://"))
    assert rows["value"].null_count == rows["band"].null_count == rows.num_rows == 2
    assert by_value(uri).missing == BitMap([1, CUSTOMERS_PER_SHARD + 1])


def test_ids_come_back_from_a_bitmap_in_their_order() -> None:
    ids = np.array([0, 5, 70_000, 2**32 - 1], np.uint32)
    assert ids_of(bitmaps.bitmap_of(ids)).tolist() == ids.tolist()


def test_memory_holds_no_more_than_it_may_and_drops_what_was_asked_for_longest_ago() -> None:
    memory = Memory(lambda: 100_000)
    loads: list[int] = []

    def asked(number: int) -> BitMap:
        def load() -> BitMap:
            loads.append(number)
            return BitMap(range(number * 70_000, number * 70_000 + 100_000, 5))  # some 20 kB

        return memory.bitmap(number, load)

    size = bytes_of(asked(0))
    fits = 100_000 // size
    for number in range(1, fits):
        asked(number)
    asked(0)  # makes it the last that was asked for
    asked(fits)
    assert memory.bytes <= 100_000
    loads.clear()
    asked(0)
    asked(1)
    assert loads == [1]


def test_what_is_larger_than_memory_is_given_but_not_kept() -> None:
    memory = Memory(lambda: 1000)
    assert len(memory.bitmap("large", lambda: BitMap(range(0, 100_000, 3)))) == 33_334
    assert memory.bytes == 0
    assert memory.kept("large") is None


def test_threads_that_ask_at_the_same_time_share_one_load() -> None:
    memory, loads, found = Memory(lambda: 10**6), [], []

    def load() -> BitMap:
        loads.append(1)
        time.sleep(0.05)
        return BitMap([7])

    threads = [threading.Thread(target=lambda: found.append(memory.bitmap("one", load))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loads) == 1
    assert all(one is found[0] for one in found)


def test_a_load_that_fails_is_tried_again() -> None:
    memory = Memory(lambda: 10**6)

    def fails() -> BitMap:
        raise OSError("the file is gone")

    with pytest.raises(OSError, match="gone"):
        memory.bitmap("one", fails)
    assert memory.bitmap("one", lambda: BitMap([1])) == BitMap([1])
