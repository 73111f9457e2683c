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


PEOPLE = ["王小明", "李雷", "欧阳娜娜"]
SMITHS = ["John Smith", "SMITH, John", "Mary A. van Poe"]
FIRMS = ["恒远科技股份有限公司北京分公司", "上海恒远贸易有限公司", "Acme Trading Ltd.", "Blau & Söhne GmbH", "Acme"]
CODES = ["91110000MA01ABCD2X", "91310115MA1K3XYH6T"]
MOBILES = ["13512345678", "135 1234 5678", "+86 13512345670"]
CHOSEN: dict[str, tuple[dict[str, list[str]], dict[str, str]]] = {
    "a company is the name of a file of firms": (
        {"公司名称": FIRMS, "电话": ["010-88886666"], "统一社会信用代码": CODES},
        {"name": "公司名称", "id_number": "统一社会信用代码", "phone": "电话"},
    ),
    "a company is the name whatever its form of law": (
        {"Company Name": ["Acme", "Blau"], "phone": ["+44 20 7946 0100"]},
        {"name": "Company Name", "phone": "phone"},
    ),
    "a firm and its number are known by values": ({"c1": CODES, "c2": FIRMS}, {"name": "c2", "id_number": "c1"}),
    "a company beside a person is the employer, and so is its number": (
        {"公司": FIRMS, "姓名": PEOPLE, "信用代码": CODES, "手机": MOBILES},
        {"name": "姓名", "phone": "手机"},
    ),
    "a company beside a contact is the employer": (
        {"organisation": FIRMS, "contact": SMITHS, "credit card": ["4111111111111111"]},
        {"name": "contact"},
    ),
    "a company in the register has a contact": (
        {"company": FIRMS, "联系人": PEOPLE, "uscc": CODES},
        {"name": "company", "id_number": "uscc"},
    ),
    "a representative or an agent is not the customer": (
        {"企业名称": FIRMS, "法定代表人": PEOPLE, "agent phone": MOBILES},
        {"name": "企业名称"},
    ),
    "days are no telephone numbers": (
        {"geb": ["03.04.1970", "3.4.70"], "t": MOBILES, "wer": SMITHS},
        {"name": "wer", "born_on": "geb", "phone": "t"},
    ),
    "days of all kinds are days": (
        {"c1": ["12/31/1970", "31/12/1970", "3 Feb 1970", "Dec 31, 1970", "19701231", "1970年1月2日"], "c2": PEOPLE},
        {"name": "c2", "born_on": "c1"},
    ),
    "short days are days only where a name says so": ({"x": ["3.4.70"], "name": ["?"]}, {"name": "name"}),
    "other days are no birthdays": (
        {"created_at": ["2024-01-02"], "joined": ["2024-01-02"], "order date": ["03/04/2024"], "姓名": PEOPLE},
        {"name": "姓名"},
    ),
    "numbers of something else are no telephone numbers": (
        {"姓名": PEOPLE, "订单号": ["20260001"], "客户编号": ["13512345678"], "zip": ["01067"], "x": ["12345678"]},
        {"name": "姓名", "postal_code": "zip"},
    ),
    "a local number is one where a name says so": (
        {"name": ["?"], "Phone (work)": ["62345678", "7654321"]},
        {"name": "name", "phone": "Phone (work)"},
    ),
    "values go before a name that they belie": (
        {"contact": MOBILES, "kunde": PEOPLE, "number": ["a@b.de"], "last": ["2024-01-02"]},
        {"name": "kunde", "phone": "contact", "email": "number"},
    ),
    "names in parts": (
        {"last": ["Smith"], "first": ["John"], "tel": ["?"]},
        {"family_name": "last", "given_name": "first", "phone": "tel"},
    ),
    "names in French": (
        {"nom": ["Dupont"], "prénom": ["Jean"], "naissance": ["03/04/1970"], "tel": ["0612345678"]},
        {"family_name": "nom", "given_name": "prénom", "born_on": "naissance", "phone": "tel"},
    ),
    "names in German": (
        {"Nachname": ["Groß"], "Vorname": ["Anna"], "Straße": ["Am Weg"], "PLZ": ["01067"]},
        {"family_name": "Nachname", "given_name": "Vorname", "postal_code": "PLZ", "street": "Straße"},
    ),
    "a name beside a given name that is not in it": (
        {"Name": ["Müller", "Öz"], "Vorname": ["Jürgen", "Ayşe"]},
        {"family_name": "Name", "given_name": "Vorname"},
    ),
    "a name beside a given name that is in it": (
        {"name": ["Jürgen Müller", "李雷"], "first name": ["Jürgen", "Jim"]},
        {"name": "name", "given_name": "first name"},
    ),
    "categories are no names": (
        {"c1": ["已完成", "北京", "上海市"], "c2": ["United Kingdom"] * 30, "city": ["New York"], "email": ["a@b.de"]},
        {"email": "email", "city": "city"},
    ),
    "a national number may begin like a telephone number": (
        {"name": ["?"], "national id": ["0123456789", "0987654321"]},
        {"name": "name", "id_number": "national id"},
    ),
}


@pytest.mark.parametrize("what", CHOSEN)
def test_what_a_column_is_taken_for(what: str) -> None:
    sample, meant = CHOSEN[what]
    assert roles_of(list(sample), sample) == meant
