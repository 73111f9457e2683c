"""People are plausible: identity numbers check, households share, most are known to one or two systems."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from demo_company import AS_OF, RAGGED, Company, rows_of

from zhike.demo.draws import Draws, permuted
from zhike.demo.names import FAMILY_TABLES, GIVEN_TABLES, SCRIPTS
from zhike.demo.people import resident_numbers

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # as printed in GB 11643


def check_character(number: str) -> str:
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(number[:17], WEIGHTS, strict=True)) % 11]


def test_the_check_character_is_that_of_the_standard() -> None:
    assert check_character("11010519491231002X") == "X"  # the example printed in the standard
    born = np.array([(date(1949, 12, 31) - date(1970, 1, 1)).days])
    (number,) = resident_numbers(np.array([7]), np.array([11]), born, np.array([True])).to_pylist()
    assert number[6:14] == "19491231"
    assert number[-1] == check_character(number)


def test_identity_numbers_agree_with_the_person(company: Company) -> None:
    residents = company.truth("persons").filter(pc.field("language") == "zh-CN").to_pylist()
    for person in residents:
        number = person["id_number"]
        assert len(number) == 18
        assert number[-1] == check_character(number)
        assert number[6:14] == person["born_on"].strftime("%Y%m%d")
        assert int(number[16]) % 2 == (person["gender"] == "male")
    assert len({person["id_number"] for person in residents}) == len(residents)


def test_different_people_have_different_numbers() -> None:
    ids = np.arange(40_000)
    for size in (10**8, 9 * 10**7, 9 * 10**8, 9 * 10**9, 9 * 10**10):
        numbers = permuted(ids, size, "phone")
        assert len(np.unique(numbers)) == len(ids)
        assert 0 <= numbers.min() < numbers.max() < size
        assert len(np.unique(np.diff(numbers))) > 1_000


def test_households_share_homes_and_sometimes_telephones(company: Company) -> None:
    persons = company.truth("persons").to_pylist()
    households = defaultdict(list)
    for person in persons:
        households[person["household_id"]].append(person)
    assert all(len({each["address"] for each in home}) == 1 for home in households.values())
    assert {len(home) for home in households.values()} == {1, 2, 3, 4}
    children = [person for person in persons if (AS_OF - person["born_on"]).days < 18 * 365]
    assert 0.05 < len(children) / len(persons) < 0.2
    assert all(child["household_role"] == "child" and child["email"] is None for child in children)


def test_there_are_namesakes(company: Company) -> None:
    names = Counter(company.truth("persons")["name"].to_pylist())
    assert sum(count for count in names.values() if count > 1) > 1_000


def test_everybody_is_known_to_one_to_four_systems(company: Company) -> None:
    counts = Counter(
        sum(person[f"in_{name}"] for name in ("core", "bank", "app", "shop"))
        for person in company.truth("persons").to_pylist()
    )
    assert set(counts) == {1, 2, 3, 4}
    assert counts[1] > counts[2] > counts[3] > counts[4] > 100


def test_one_in_seven_is_english(company: Company) -> None:
    languages = Counter(company.truth("persons")["language"].to_pylist())
    assert 0.13 < languages["en"] / 20_000 < 0.17


def test_sources_spell_the_same_person_differently(company: Company) -> None:
    persons = {row["person_id"]: row for row in company.truth("persons").to_pylist()}
    person_of = {
        (row["source"], row["customer_key"]): row["person_id"] for row in company.truth("identity").to_pylist()
    }
    rows = [row for row in rows_of(company.delivery("bank_customers")) if row is not RAGGED]
    known = [(row, persons[person_of["bank", row["客户号"]]]) for row in rows if ("bank", row["客户号"]) in person_of]
    same_name = sum(row["户名"] == person["name"] for row, person in known) / len(known)
    same_phone = sum(row["手机号"] == person["phone"] for row, person in known) / len(known)
    assert 0.9 < same_name < 0.99
    assert 0.6 < same_phone < 0.9


def test_traditional_names_can_be_written_in_big5() -> None:
    for table in (FAMILY_TABLES, GIVEN_TABLES):
        assert "".join(table["traditional"].to_pylist()).encode("big5")
        assert len({len(table[script]) for script in SCRIPTS}) == 1


def test_draws_have_the_shares_that_are_asked_for() -> None:
    draws, keys = Draws(5), np.arange(200_000)
    assert abs(draws.uniform("u", keys).mean() - 0.5) < 0.005
    assert abs(np.corrcoef(draws.uniform("u", keys), draws.uniform("v", keys))[0, 1]) < 0.01
    assert abs(np.corrcoef(draws.uniform("u", keys), draws.uniform("u", keys + 1))[0, 1]) < 0.01
    assert abs(draws.normal("n", keys).std() - 1) < 0.01
    gamma = draws.gamma("g", keys, 0.6)
    assert abs(gamma.mean() - 0.6) < 0.01
    assert abs(gamma.var() - 0.6) < 0.02
    beta = draws.beta("b", keys, 0.8, 2.5)
    assert abs(beta.mean() - 0.8 / 3.3) < 0.005
    counts = draws.poisson("p", keys, np.full(len(keys), 3.0))
    assert abs(counts.mean() - 3) < 0.02
    assert abs(counts.var() - 3) < 0.05
    weighted = np.bincount(draws.weighted("w", keys, (1, 2, 1))) / len(keys)
    assert np.abs(weighted - (0.25, 0.5, 0.25)).max() < 0.01


def test_nothing_is_dated_after_the_day_of_the_company(company: Company) -> None:
    born = company.truth("persons")["born_on"]
    assert pc.max(born).as_py() <= AS_OF
    rows = rows_of(company.delivery("app_events"))
    dated = pa.array([row["ts"][:10] for row in rows if not (row["event_id"] or "-X").endswith("-X")])
    assert pc.min(dated).as_py() > "2025-01-01"
    assert pc.max(dated).as_py() <= AS_OF.isoformat()
