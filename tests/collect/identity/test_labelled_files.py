"""Files of persons with known truth: the shipped defaults, nothing tuned to a file, must find who is who."""

from __future__ import annotations

from pathlib import Path

import pytest

from zhike.collect.identity.files import LinkedFile, link_file
from zhike.collect.identity.linking.accuracy import Accuracy

# F1 that must come out: recordlinkage's ECM reaches .9990, .9953 and .9967 on febrl.
FEBRL = {"1": 0.998, "2": 0.997, "3": 0.996}


def found(linked: LinkedFile) -> Accuracy:
    assert linked.accuracy is not None
    return linked.accuracy


@pytest.mark.parametrize("number", FEBRL)
def test_english_persons_with_slips_of_the_pen(shared_data: Path, tmp_path: Path, number: str) -> None:
    rows = with_truth(shared_data / "febrl" / f"dataset{number}.csv.gz", tmp_path)
    linked = link_file(rows, record="rec_id", truth="truth")
    assert linked.roles["given_name"] == "given_name"
    assert linked.roles["family_name"] == "surname"
    assert linked.roles["id_number"] == "soc_sec_id"
    assert found(linked).f1 >= FEBRL[number]


def test_chinese_persons_of_one_household_or_name_stay_apart(shared_data: Path) -> None:
    path = shared_data / "cn_person_dedupe" / "cn_person_dedupe.csv.gz"
    linked = link_file(path, record="rec_id", truth="person_id")
    assert linked.roles == {"name": "name", "born_on": "dob", "phone": "phone", "address": "address"}
    assert linked.records == 5_237
    assert found(linked).f1 >= 0.97


def with_truth(path: Path, folder: Path) -> Path:
    """The file with a column `truth`: the number in rec-122-org and rec-122-dup-3."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import csv

    rows = csv.read_csv(path)
    rows = rows.rename_columns([name.strip() for name in rows.column_names])
    numbers = pc.struct_field(pc.extract_regex(rows["rec_id"], r"rec-(?P<number>\d+)-"), "number")
    csv.write_csv(rows.append_column("truth", numbers.cast(pa.string())), folder / "febrl.csv")
    return folder / "febrl.csv"
