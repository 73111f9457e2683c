"""Addresses in Latin letters."""

from __future__ import annotations

import ibis
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from zhike.collect.identity.normalising.addresses import COLUMNS, normalised_address
from zhike.collect.identity.normalising.addresses_western import with_western_address

Parts = dict[str, str | None]


def parts(*texts: str | None) -> list[Parts]:
    rows = ibis.memtable(
        {"place_in_list": range(len(texts)), "text": texts}, schema={"place_in_list": "int64", "text": "string"}
    )
    found = with_western_address(rows, address="text").order_by("place_in_list")
    return [{name: row[name] for name in COLUMNS} for row in found.to_pyarrow().to_pylist()]


def said(text: str | None) -> Parts:
    """The parts that are there."""
    return {name: value for name, value in parts(text)[0].items() if value is not None}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "12/34 Smith Street, Richmond VIC 3121",
            {
                "province": "VIC",
                "city": "RICHMOND",
                "street": "SMITH ST",
                "number": "34",
                "unit": "12",
                "postcode": "3121",
            },
        ),
        (
            "Flat 3, 10 Downing Street, London SW1A 2AA, United Kingdom",
            {"city": "LONDON", "street": "DOWNING ST", "number": "10", "unit": "3", "postcode": "SW1A2AA"},
        ),
        (
            "1600 Pennsylvania Ave NW, Washington, DC 20500-0003",
            {
                "province": "DC",
                "city": "WASHINGTON",
                "street": "PENNSYLVANIA AVE NW",
                "number": "1600",
                "postcode": "20500",
            },
        ),
        (
            "PO Box 123, Sydney NSW 2000",
            {"province": "NSW", "city": "SYDNEY", "place": "PO BOX 123", "postcode": "2000"},
        ),
        ("Hauptstraße 12, 10115 Berlin", {"city": "BERLIN", "street": "HAUPTSTR", "number": "12", "postcode": "10115"}),
        (
            "111 Wellington St, Ottawa, ON K1A 0A9",
            {"province": "ON", "city": "OTTAWA", "street": "WELLINGTON ST", "number": "111", "postcode": "K1A0A9"},
        ),
        (
            "Level 5, 100 George St, Sydney NSW 2000",
            {
                "province": "NSW",
                "city": "SYDNEY",
                "street": "GEORGE ST",
                "number": "100",
                "floor": "5",
                "postcode": "2000",
            },
        ),
        (
            "350 5th Ave, New York, NY 10118",
            {"province": "NY", "city": "NEW YORK", "street": "5TH AVE", "number": "350", "postcode": "10118"},
        ),
        (
            "221B Baker Street, London NW1 6XE",
            {"city": "LONDON", "street": "BAKER ST", "number": "221B", "postcode": "NW16XE"},
        ),
        ("1139 College St, Toronto", {"city": "TORONTO", "street": "COLLEGE ST", "number": "1139"}),
        ("5 North Street", {"street": "NORTH ST", "number": "5"}),
        ("St Marys Road", {"street": "ST MARYS RD"}),
    ],
)
def test_the_parts_of_an_address(text: str, expected: Parts) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12/34 Smith Street, Richmond VIC 3121", "Unit 12, 34 Smith St Richmond Victoria 3121"),
        (
            "123 N. Main St., Apt 4B, Springfield, IL 62704",
            "123 North Main Street #4B, Springfield, Illinois 62704-1234",
        ),
        ("P.O. Box 123, Sydney, New South Wales 2000", "po box 123, SYDNEY NSW 2000, Australia"),
        ("Hauptstr. 12, 10115 Berlin, Germany", "HAUPTSTRASSE 12, 10115 Berlin"),
        ("10 Downing St, London, SW1A2AA", "10 Downing Street, London SW1A 2AA"),
        ("69 giblin circuit", "６９ Giblin Cct."),
        ("9 Ocean Parade, Bondi", "9  OCEAN PDE , BONDI"),
        ("7 Hill Crescent, Leeds", "7 Hill Cres, Leeds"),
    ],
)
def test_two_spellings_of_one_address_are_equal(one: str, other: str) -> None:
    assert parts(one) == parts(other)


@pytest.mark.parametrize(
    ("one", "other", "part"),
    [
        ("12/34 Smith St, Richmond", "1/234 Smith St, Richmond", "unit"),
        ("12 Smith St, Richmond", "12 Smith Rd, Richmond", "street"),
        ("12 Smith St, Richmond", "21 Smith St, Richmond", "number"),
        ("12 N Main St, Salem", "12 S Main St, Salem", "street"),
        ("PO Box 12, Perth", "PO Box 13, Perth", "place"),
    ],
)
def test_two_addresses_stay_different(one: str, other: str, part: str) -> None:
    first, second = parts(one, other)
    assert first[part] != second[part]
    assert first[part] is not None


@pytest.mark.parametrize("text", [None, "", " ", "-", "N/A", "unknown", "n.a."])
def test_nothing_is_nothing(text: str | None) -> None:
    assert said(text) == {}


def test_columns_of_parts_are_the_same_as_one_text() -> None:
    rows = ibis.memtable(
        {
            "no": ["34"],
            "road": ["smith street"],
            "flat": ["Unit 12"],
            "suburb": ["Richmond"],
            "st": ["Victoria"],
            "zip": ["3121"],
        }
    )
    found = (
        with_western_address(rows, number="no", street="road", unit="flat", city="suburb", state="st", postcode="zip")
        .to_pyarrow()
        .to_pylist()[0]
    )
    assert {name: found[name] for name in COLUMNS} == parts("12/34 Smith St, Richmond VIC 3121")[0]


def test_each_row_is_read_by_its_script_and_other_columns_stay() -> None:
    rows = ibis.memtable(
        {
            "who": [1, 2, 3],
            "text": ["北京市海淀区中关村大街59号", "12/34 Smith St, Richmond VIC 3121", None],
            "city": ["", "Richmond", None],
        },
        schema={"who": "int64", "text": "string", "city": "string"},
    )
    found = normalised_address(rows, address="text", city="city").order_by("who").to_pyarrow().to_pylist()
    assert [(row["who"], row["city"], row["street"], row["number"], row["text"]) for row in found] == [
        (1, "北京市", "中关村大街", "59", "北京市海淀区中关村大街59号"),
        (2, "RICHMOND", "SMITH ST", "34", "12/34 Smith St, Richmond VIC 3121"),
        (3, None, None, None, None),
    ]


@settings(max_examples=6, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(st.lists(st.text(alphabet="abcStRd ,./#-0123456789éßN（中", max_size=25), min_size=1, max_size=8))
def test_dirty_text_raises_nothing_and_gives_no_empty_part(texts: list[str]) -> None:
    assert all(value != "" for row in parts(*texts) for value in row.values())


@pytest.mark.parametrize("name", ["Smith", "Kings Cross", "St Marys", "Ocean View"])
def test_a_spelt_street_is_spelt_the_same_again(name: str) -> None:
    kinds = ("Street", "Road", "Avenue", "Cct", "Drive", "Crescent", "Boulevard", "Hwy", "Square")
    written = [
        f"{12 + place} {name} {kind}{side}" for place, kind in enumerate(kinds) for side in ("", " North", " SW")
    ]
    first = parts(*written)
    assert [one["number"] for one in first] == [text.split()[0] for text in written]
    assert parts(*(f"{one['number']} {one['street']}" for one in first)) == first
