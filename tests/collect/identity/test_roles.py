"""What the columns of a file are taken for."""

from __future__ import annotations

from pathlib import Path

import pytest

from zhike.collect.identity.roles import read_roles, roles_of
from zhike.errors import UserError

NAMED = {
    "english": (
        ("rec_id", "given_name", "surname", "street_number", "address_1", "address_2", "suburb", "postcode", "state"),
        {
            "family_name": "surname",
            "given_name": "given_name",
            "city": "suburb",
            "province": "state",
            "postal_code": "postcode",
            "number": "street_number",
            "street": "address_1",
            "place": "address_2",
        },
    ),
    "american": (
        ("FName", "LName", "DOB", "SSN", "Home Phone", "E-Mail", "Zip"),
        {
            "family_name": "LName",
            "given_name": "FName",
            "born_on": "DOB",
            "id_number": "SSN",
            "phone_2": "Home Phone",
            "email": "E-Mail",
            "postal_code": "Zip",
        },
    ),
    "chinese": (
        ("编号", "姓名", "性别", "出生日期", "身份证号", "手机号", "地址"),
        {
            "name": "姓名",
            "gender": "性别",
            "born_on": "出生日期",
            "id_number": "身份证号",
            "phone": "手机号",
            "address": "地址",
        },
    ),
}


@pytest.mark.parametrize("what", NAMED)
def test_columns_are_known_by_their_names(what: str) -> None:
    columns, meant = NAMED[what]
    assert roles_of(columns, {column: ["?"] for column in columns}) == meant


def test_columns_without_telling_names_are_known_by_their_values() -> None:
    sample = {
        "c1": ["王小明", "李雷", "", "欧阳娜娜"],
        "c2": ["138 0013 8000", "+86-139-0000-1234", "13700001111"],
        "c3": ["1990-01-02", "19851231", "1970/3/4"],
        "c4": ["110101199003070078", "11010119850101001X"],
        "c5": ["a@b.com", "c.d@example.org"],
        "c6": ["北京市海淀区中关村大街1号", "上海市徐汇区天钥桥路408号703室"],
        "c7": ["男", "女", "女"],
        "c8": ["x", "y", "z"],
    }
    assert roles_of(list(sample), sample) == {
        "name": "c1",
        "gender": "c7",
        "born_on": "c3",
        "id_number": "c4",
        "phone": "c2",
        "email": "c5",
        "address": "c6",
    }


def test_a_column_is_taken_for_one_thing_only() -> None:
    found = roles_of(["name", "名称"], {"name": ["a"], "名称": ["b"]})
    assert found == {"name": "name"}


WRONG = {
    "no such role": ("colour: c1", "'colour'", "born_on"),
    "no such column": ("phone: tel", "no column 'tel'", "c1"),
    "nothing": ("", "names no columns", "born_on: DOB"),
    "no YAML": ("a: [", "cannot be read", ""),
    "a list": ("- phone", "names no columns", ""),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_mapping_that_says_something_else_is_refused_in_words(what: str, tmp_path: Path) -> None:
    text, message, advice = WRONG[what]
    path = tmp_path / "map.yaml"
    path.write_text(text)
    with pytest.raises(UserError) as refused:
        read_roles(path, ["c1"])
    assert message in refused.value.message
    assert advice in (refused.value.advice or "")
    assert str(path) in refused.value.where


def test_a_mapping_goes_before_names_and_values(tmp_path: Path) -> None:
    path = tmp_path / "map.yaml"
    path.write_text("phone: c2\nname: c1\n")
    assert read_roles(path, ["c1", "c2", "c3"]) == {"name": "c1", "phone": "c2"}
