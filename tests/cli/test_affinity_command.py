"""`zhike affinity`: published numbers, what it prints, writes and refuses."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

Zhike = Callable[..., CompletedProcess[str]]

ROWS = [
    ("1", "茶"),
    ("1", "杯子"),
    ("1", "茶"),  # twice in a basket is once
    ("2", "茶"),
    ("2", "杯子"),
    ("2", "壶"),
    ("3", "壶"),
    ("4", "茶"),
    ("4", ""),
    ("", "杯子"),
]
COLUMNS = ["--basket", "票", "--item", "商品"]


@pytest.fixture
def baskets(tmp_path: Path) -> Path:
    path = tmp_path / "baskets.csv"
    path.write_text("\ufeff票,商品\n" + "".join(f"{basket},{item}\n" for basket, item in ROWS), encoding="utf-8")
    return path


def found(done: CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


@pytest.mark.parametrize(
    ("support", "confidence", "total"),
    [(".001", ".8", 410), (".001", "0.6", 2_918), ("0.001", ".5", 5_668), (".006", ".25", 463)],
)
def test_the_published_number_of_rules_is_found(
    zhike: Zhike, shared_data: Path, support: str, confidence: str, total: int
) -> None:
    """Groceries (Hahsler, Hornik & Reutterer 2006): arulesViz's vignette; Lantz, Machine Learning with R, chapter 8."""
    file = shared_data / "groceries" / "groceries.csv.gz"
    limits = ["--min-support", support, "--min-confidence", confidence]
    document = found(zhike("affinity", file, "--ragged", *limits, "--json"))
    assert document["total"] == len(document["rules"]) == total
    assert document["baskets"] == 9_835
    lifts = [rule["lift"] for rule in document["rules"]]
    assert lifts == sorted(lifts, reverse=True)


def test_the_published_rules_have_their_figures(zhike: Zhike, shared_data: Path, tmp_path: Path) -> None:
    file, written = shared_data / "groceries" / "groceries.csv.gz", tmp_path / "rules.csv"
    limits = ["--min-support", ".006", "--min-confidence", ".25"]
    document = found(zhike("affinity", file, "--ragged", *limits, "--limit", 1, "-o", written, "--json"))
    [best] = document["rules"]
    assert (best["antecedent"], best["consequent"], best["count"]) == (["herbs"], "root vegetables", 69)
    assert (best["support"], best["confidence"], best["lift"]) == pytest.approx((0.007016, 0.43125, 3.956477), abs=1e-6)
    assert document["total"] == 463
    with written.open(encoding="utf-8") as lines:
        assert len(list(csv.reader(lines))) == 464
    low = ["--min-support", ".001", "--min-confidence", ".6", "--limit", 1, "--json"]
    [instant] = found(zhike("affinity", file, "--ragged", *low))["rules"]
    assert (instant["antecedent"], instant["consequent"]) == (["Instant food products", "soda"], "hamburger meat")
    assert instant["lift"] == pytest.approx(18.9957, abs=1e-4)


def test_rules_are_found_in_columns(zhike: Zhike, baskets: Path, tmp_path: Path) -> None:
    written = tmp_path / "rules.csv"
    done = zhike(
        "affinity", baskets, *COLUMNS, "--min-support", ".5", "--min-confidence", ".6", "-o", written, "--json"
    )
    document = found(done)
    assert (document["total"], document["baskets"], document["items"], document["itemsets"]) == (2, 4, 3, 4)
    assert document["left_out"] == 2
    assert "2 rows with an empty cell were left out" in done.stderr
    figures = {"count": 2, "support": 0.5, "lift": pytest.approx(4 / 3)}
    kept = ("antecedent", "consequent", "count", "support", "confidence", "lift")
    assert [{name: rule[name] for name in kept} for rule in document["rules"]] == [
        {"antecedent": ["杯子"], "consequent": "茶", "confidence": 1, **figures},
        {"antecedent": ["茶"], "consequent": "杯子", "confidence": pytest.approx(2 / 3), **figures},
    ]
    with written.open(encoding="utf-8") as file:
        header, first, _second = csv.reader(file)
    assert header[:4] == ["antecedent", "consequent", "count", "antecedent_count"]
    assert first[:3] == ["杯子", "茶", "2"]


def test_total_is_of_all_rules_whatever_is_shown(zhike: Zhike, baskets: Path) -> None:
    options = ["affinity", baskets, *COLUMNS, "--min-support", "0", "--min-confidence", "0"]
    everything = found(zhike(*options, "--json"))
    assert (everything["total"], len(everything["rules"])) == (9, 9)
    some = found(zhike(*options, "--limit", 2, "--json"))
    assert (some["total"], some["rules"]) == (9, everything["rules"][:2])
    assert found(zhike(*options, "--limit", 0, "--json"))["rules"] == []
    assert found(zhike(*options, "--max-length", 2, "--json"))["total"] == 6
    assert found(zhike(*options, "--min-count", 2, "--json"))["total"] == 2
    by_count = found(zhike(*options, "--sort", "count", "--json"))["rules"]
    assert [rule["count"] for rule in by_count] == [2, 2, 1, 1, 1, 1, 1, 1, 1]


def test_people_read_a_table(zhike: Zhike, baskets: Path, tmp_path: Path) -> None:
    written = tmp_path / "rules.csv"
    done = zhike("affinity", baskets, *COLUMNS, "--min-confidence", "0", "--limit", 1, "-o", written)
    assert done.returncode == 0, done.stderr
    assert "壶 + 茶" in done.stdout
    assert "9 rules, from 7 sets of 3 items in 4 baskets." in done.stdout
    assert "rules.csv" in done.stdout
    with written.open(encoding="utf-8") as file:
        assert sum(row[0] == "壶 | 茶" for row in csv.reader(file)) == 1


def test_a_file_may_be_of_any_kind(zhike: Zhike, baskets: Path, tmp_path: Path) -> None:
    packed, table, workbook = (tmp_path / name for name in ("b.csv.gz", "b.parquet", "b.xlsx"))
    packed.write_bytes(gzip.compress(baskets.read_bytes()))
    columns = {
        "票": [float(one) if one else None for one, _item in ROWS],
        "商品": [item or None for _one, item in ROWS],
    }
    pq.write_table(pa.table(columns), table)
    with xlsxwriter.Workbook(workbook) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate([("票", "商品"), *ROWS]):
            sheet.write_row(place, 0, row)
    options = [*COLUMNS, "--min-support", ".5", "--json"]
    expected = found(zhike("affinity", baskets, *options))
    for path in (packed, table, workbook):
        assert found(zhike("affinity", path, *options)) == expected


@pytest.mark.parametrize(("text", "baskets"), [("a\n", 1), ("a,b\n", 1), (",\n", 0), ("a\nb\nc\n", 3)])
def test_few_baskets_have_few_rules(zhike: Zhike, tmp_path: Path, text: str, baskets: int) -> None:
    path = tmp_path / "baskets.csv"
    path.write_text(text)
    document = found(zhike("affinity", path, "--ragged", "--json"))
    assert document["baskets"] == baskets
    assert document["total"] == (2 if text == "a,b\n" else 0)
    done = zhike("affinity", path, "--ragged")
    assert f"{document['total']} rules" in done.stdout


MISTAKES = {
    "no such basket": ([*COLUMNS[2:], "--basket", "nr"], "--basket: the file has no column 'nr'", "票, 商品"),
    "no such item": ([*COLUMNS[:2], "--item", "nr"], "--item: the file has no column 'nr'", "票, 商品"),
    "no share": ([*COLUMNS, "--min-support", "much"], "--min-support: 'much' is no share", "from 0 to 1"),
    "more than all": ([*COLUMNS, "--min-confidence", "80"], "--min-confidence: '80' is no share", "from 0 to 1"),
    "no count": ([*COLUMNS, "--min-count", "0"], "--min-count", "one basket at least"),
    "one item": ([*COLUMNS, "--max-length", "1"], "--max-length", "two items at least"),
    "no such order": ([*COLUMNS, "--sort", "leverage"], "--sort: there is no order by 'leverage'", "lift, confidence"),
    "no such folder": ([*COLUMNS, "-o", "none/out.csv"], "none/out.csv", "cannot be written"),
}


@pytest.mark.parametrize("what", MISTAKES)
def test_a_mistake_is_said_in_words(zhike: Zhike, baskets: Path, what: str) -> None:
    options, where, message = MISTAKES[what]
    done = zhike("affinity", baskets, *options)
    assert done.returncode == 1
    assert where in done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("text", "message"), [("", "the file is empty"), ("票,商品\n", "no rows"), ("票,商品\n1,2,3\n", "row 1")]
)
def test_a_file_without_rows_is_refused(zhike: Zhike, tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "baskets.csv"
    path.write_text(text)
    done = zhike("affinity", path, *COLUMNS)
    assert (done.returncode, message in done.stderr, "baskets.csv" in done.stderr) == (1, True, True)


@pytest.mark.parametrize(
    "options",
    [[], ["--warehouse", "FILE"], ["FILE"], ["FILE", "--basket", "票"], ["FILE", "--ragged", "--item", "商品"]],
)
def test_what_does_not_go_together_is_wrong_usage(zhike: Zhike, baskets: Path, options: list[str]) -> None:
    done = zhike("affinity", *(baskets if one == "FILE" else one for one in options))
    assert done.returncode == 2, done.stdout


def test_before_the_first_refresh_there_are_no_orders(zhike: Zhike) -> None:
    done = zhike("affinity", "--warehouse")
    assert (done.returncode, "nothing has been computed yet" in done.stderr) == (1, True)
