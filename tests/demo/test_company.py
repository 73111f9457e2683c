"""The whole company: the same again, whatever the blocks; nothing real; mappings that fit the contracts."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest
from demo_company import RAGGED, Company, mapping_of, rows_of
from tests.memory import PRINT_PEAK

from zhike.demo import company as company_module
from zhike.demo.company import SOURCES, write_company
from zhike.warehouse.entities import ENTITIES

MEASURE = f"""
import pathlib, sys
from zhike.demo.company import write_company
for delivery in write_company(pathlib.Path(sys.argv[1]), customers=int(sys.argv[2])):
    delivery.path.unlink()
{PRINT_PEAK}"""


def fingerprints(directory: Path) -> dict[str, str]:
    files = (path for path in sorted(directory.rglob("*")) if path.is_file())
    return {path.relative_to(directory).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        list(write_company(tmp_path / name, customers=1_100, seed=seed))
    first, again, other = (fingerprints(tmp_path / name) for name in "abc")
    assert first == again
    assert first["core/core_customers_0001.csv"] != other["core/core_customers_0001.csv"]


def test_blocks_can_be_cut_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for size in (600, 1_800, 25_000):
        monkeypatch.setattr(company_module, "PERSONS_PER_BLOCK", size)
        list(write_company(tmp_path / str(size), customers=3_000))
        # Parquet keeps a row group per block; its rows are compared by the test below.
        marks = fingerprints(tmp_path / str(size))
        found.append({name: mark for name, mark in marks.items() if not name.endswith(".parquet")})
    assert len(found[0]) > 15
    assert found[0] == found[1] == found[2]


def test_truth_does_not_depend_on_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Company(tmp_path / "whole", tuple(write_company(tmp_path / "whole", customers=3_000)))
    monkeypatch.setattr(company_module, "PERSONS_PER_BLOCK", 600)
    cut = Company(tmp_path / "cut", tuple(write_company(tmp_path / "cut", customers=3_000)))
    for name, by in (
        ("identity", ("source", "customer_key")),
        ("persons", ("person_id",)),
        ("purchase_process", ("person_id",)),
        ("response_rule", ("campaign", "person_id")),
        ("planted_rejects", ("file", "reason", "column")),
    ):
        order = [(column, "ascending") for column in by]
        assert whole.truth(name).sort_by(order).equals(cut.truth(name).sort_by(order)), name
    messages = [rows_of(each.delivery("mail_messages")) for each in (whole, cut)]
    assert messages[0] == messages[1]


def test_a_file_ends_where_the_next_part_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, size in (
        ("PERSONS_PER_BLOCK", 1_000),
        ("PERSONS_PER_FILE", 2_000),
        ("PERSONS_IN_WORKBOOKS", 1_000),
    ):
        monkeypatch.setattr(company_module, name, size)
    delivered = [delivery.path.name for delivery in write_company(tmp_path, customers=3_000)]
    assert len(delivered) == len(set(delivered))
    calls = [name for name in delivered if name.startswith("callcentre")]
    assert calls == [
        "callcentre_interactions_0001.xlsx",
        "callcentre_interactions_0001.csv",
        "callcentre_interactions_0002.csv",
    ]
    assert {"core_customers_0001.csv", "core_customers_0002.csv"} <= set(delivered)


def test_a_company_given_up_half_way_leaves_no_open_files(tmp_path: Path) -> None:
    growing = write_company(tmp_path, customers=2_000)
    next(growing)
    growing.close()


def source_columns(origin: Any) -> list[str]:
    """The columns of the file that one entry of a mapping reads."""
    if isinstance(origin, str):
        return [origin]
    for way in ("column", "join", "multiply", "occurrence_of"):
        if way in origin:
            return [origin[way]] if isinstance(origin[way], str) else origin[way]
    return []


def test_every_mapping_fits_its_file_and_its_entity(company: Company) -> None:
    for delivery in company.deliveries:
        mapping, entity = mapping_of(delivery), ENTITIES[delivery.entity]
        assert mapping["entity"] == delivery.entity
        assert set(mapping["columns"]) <= set(entity.column_names), delivery.mapping.name
        unmapped = [
            column.name
            for column in entity
            if column.required and column.default is None and column.name not in mapping["columns"]
        ]
        assert unmapped == ["source"], delivery.mapping.name
        header = set(rows_of(delivery)[0])
        read = {name for origin in mapping["columns"].values() for name in source_columns(origin)}
        assert read <= header, delivery.mapping.name


def test_every_delivery_is_of_a_known_source(company: Company) -> None:
    names = {source.name for source in SOURCES}
    assert {delivery.source for delivery in company.deliveries} <= names
    assert [source.name for source in SOURCES if not source.lawful_basis] == ["list"]


def test_contact_details_cannot_belong_to_anybody(company: Company) -> None:
    persons = company.truth("persons")
    assert pc.all(pc.starts_with(persons["phone"], "154")).as_py()
    assert pc.all(pc.match_substring_regex(persons["email"], r"@[a-z]+\.example\.(com|org|net)$")).as_py()
    residents = persons["id_number"].filter(pc.equal(persons["language"], "zh-CN"))
    assert pc.all(pc.greater_equal(pc.utf8_slice_codeunits(residents, 2, 4), "95")).as_py()


def test_keys_in_files_are_those_of_the_truth(company: Company) -> None:
    identity = company.truth("identity")
    for feed, source, column in (
        ("core_customers", "core", "CUST_NO"),
        ("bank_customers", "bank", "客户号"),
        ("app_registrations", "app", "uid"),
        ("shop_customers", "shop", "member"),
        ("cards_leads", "cards", "編號"),
        ("list_leads", "list", "no"),
    ):
        rows = [row for row in rows_of(company.delivery(feed)) if row is not RAGGED]
        good = {row[column] for row in rows if row[column] and not row[column].endswith("-X")}
        true = identity.filter(pc.equal(identity["source"], source))["customer_key"].to_pylist()
        assert good == set(true)
        assert len(true) == len(set(true))


def test_facts_name_known_customers(company: Company) -> None:
    keys = {
        (source, key)
        for source, key in zip(
            *(company.truth("identity")[name].to_pylist() for name in ("source", "customer_key")), strict=True
        )
    }
    for delivery in company.deliveries:
        mapping = mapping_of(delivery)
        column = mapping["columns"].get("customer_key")
        if column is None:
            continue
        source = mapping["columns"].get("customer_source", {"constant": delivery.source})["constant"]
        named = {row[column].removesuffix("-X") for row in rows_of(delivery) if row.get(column)}
        unknown = {key for key in named if (source, key) not in keys}
        assert not unknown, (delivery.path.name, len(unknown))


def test_memory_does_not_grow_with_customers(tmp_path: Path) -> None:
    running = [
        subprocess.Popen(
            [sys.executable, "-c", MEASURE, str(tmp_path / size), size],
            stderr=subprocess.PIPE,
            env={"PYTHONPATH": str(Path(company_module.__file__).parents[2])},
        )
        for size in ("50000", "200000")
    ]
    used = [int(process.communicate()[1]) // 1024 for process in running]
    assert used[1] < used[0] * 1.25 + 50
    assert used[1] < 1_500
