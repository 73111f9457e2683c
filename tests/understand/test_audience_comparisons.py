"""Audiences beside each other, and their customers as files."""

from __future__ import annotations

import csv
import io
from datetime import date

import fastexcel
import pyarrow.parquet as pq
import pytest
from pyroaring import BitMap

from zhike.errors import UserError
from zhike.govern.access.actors import Actor, ActorKind, acting_as
from zhike.govern.access.rights import Right
from zhike.govern.access.services import Denied
from zhike.ui.sheets import SHEET_ROWS, check_sheet
from zhike.understand.audiences.comparing.sets import combined_rule, overlap_of, profile_audience
from zhike.understand.audiences.comparing.traits import all_traits
from zhike.understand.audiences.queries import members
from zhike.understand.audiences.rows import export_members, member_page
from zhike.understand.audiences.services import archive_audience, save_audience
from zhike.understand.customers.queries import list_customers
from zhike.warehouse.queries import published

pytestmark = pytest.mark.usefixtures("company")
CHAMPIONS = 'has tag "rfm_segment" = "champions"'
HOLDERS = "active_contract_count > 0"
SHANGHAI = 'city = "上海"'


@pytest.fixture
def three(company: None) -> dict[str, BitMap]:
    rules = {"Champions": CHAMPIONS, "Holders": HOLDERS, "Shanghai": SHANGHAI}
    for name, rule in rules.items():
        save_audience(name=name, rule=rule)
    return {name: members(rule) for name, rule in rules.items()}


def test_audiences_are_put_together_as_rules(three: dict[str, BitMap]) -> None:
    champions, holders, _shanghai = three.values()
    assert combined_rule("all", ["Champions", "Holders"]) == 'in audience "Champions" and in audience "Holders"'
    assert members(combined_rule("all", ["Champions", "Holders"])) == champions & holders
    assert members(combined_rule("any", ["Champions", "Holders"])) == champions | holders
    assert members(combined_rule("difference", ["Champions", "Holders"])) == champions - holders
    assert combined_rule("any", ["Champions"]) == 'in audience "Champions"'
    for how, names in (("some", ["Champions"]), ("all", []), ("all", ["Nobody"])):
        with pytest.raises(UserError):
            combined_rule(how, names)


def test_an_overlap_counts_every_part_once(three: dict[str, BitMap]) -> None:
    found = overlap_of(list(three))
    assert [(one.name, one.size) for one in found.sets] == [(name, len(one)) for name, one in three.items()]
    assert found.in_any == len(BitMap.union(*three.values())) == sum(part.count for part in found.parts)
    assert [part.count for part in found.parts] == sorted((part.count for part in found.parts), reverse=True)
    for part in found.parts:
        expected = BitMap.intersection(*(three[name] for name in part.audiences))
        for name in three.keys() - set(part.audiences):
            expected -= three[name]
        assert members(part.rule) == expected
        assert part.count == len(expected) > 0
    assert len(found.parts) >= 4
    with pytest.raises(UserError):
        overlap_of([f"a{number}" for number in range(9)])


def test_a_profile_agrees_with_the_rows(three: dict[str, BitMap]) -> None:
    found = profile_audience(SHANGHAI)
    rows = {row["customer_id"]: row for row in list_customers(limit=1000).rows}
    assert found.comparison.size == len(three["Shanghai"])
    assert found.comparison.other_size == len(rows) - len(three["Shanghai"])
    by_name = {(one.of, one.name, one.value): one for one in found.comparison.findings}
    champion = by_name["tag", "rfm_segment", "champions"]
    assert champion.count == len(three["Shanghai"] & three["Champions"])
    assert champion.other_count == len(three["Champions"] - three["Shanghai"])
    assert champion.rule == CHAMPIONS
    itself = by_name["attribute", "city", "上海"]
    assert (itself.share, itself.other_share, itself.is_distinct) == (1.0, 0.0, True)
    assert found.comparison.findings[0].is_distinct
    assert not any(one.name in ("name", "phone", "email") for one in found.comparison.findings)


def test_every_trait_is_the_rule_it_names(company: None) -> None:
    named = set()
    for trait in all_traits(published()):
        assert members(trait.rule) == trait.members, trait.rule
        named.add((trait.of, trait.name, trait.lower is None))
    assert {("tag", "rfm_segment", True), ("attribute", "age", False), ("attribute", "last_seen_on", False)} <= named


def test_an_audience_is_compared_with_another(three: dict[str, BitMap]) -> None:
    found = profile_audience(CHAMPIONS, against='in audience "Holders"')
    assert found.against == 'in audience "Holders"'
    assert found.comparison.other_size == len(three["Holders"] - three["Champions"])
    with pytest.raises(UserError, match="nobody is in this audience"):
        profile_audience("age > 200")
    with pytest.raises(UserError, match="nobody else"):
        profile_audience(CHAMPIONS, against=CHAMPIONS)


def test_an_archived_audience_can_still_be_laid_over_others(three: dict[str, BitMap]) -> None:
    archive_audience(audience_id=save_audience(name="Old", rule=HOLDERS).pk)
    assert overlap_of(["Old"]).in_any == len(three["Holders"])


def test_all_members_are_written_as_csv(three: dict[str, BitMap]) -> None:
    exported = export_members(CHAMPIONS, columns=["name", "revenue_amount", "last_ordered_on", "age"])
    text = b"".join(exported.chunks).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert (len(rows), exported.rows) == (len(three["Champions"]),) * 2
    assert [int(row["customer_id"]) for row in rows] == list(three["Champions"])
    listed = {row["customer_id"]: row for row in list_customers(limit=1000).rows}
    for row in rows:
        known = listed[int(row["customer_id"])]
        assert float(row["revenue_amount"]) == float(str(known["revenue_amount"]))
        assert row["last_ordered_on"] == str(known["last_ordered_on"])
        assert (row["name"] or None) == known["name"]


def test_the_same_as_xlsx_and_parquet(three: dict[str, BitMap]) -> None:
    columns = ["name", "revenue_amount", "last_ordered_on"]
    sheet = fastexcel.read_excel(b"".join(export_members(CHAMPIONS, kind="xlsx", columns=columns).chunks))
    rows = sheet.load_sheet(0).to_arrow().to_pylist()
    assert list(rows[0]) == ["customer_id", "Name", "Revenue", "Last order"]
    table = pq.read_table(io.BytesIO(b"".join(export_members(CHAMPIONS, kind="parquet", columns=columns).chunks)))
    assert table.column_names == ["customer_id", *columns]
    assert [row["customer_id"] for row in table.to_pylist()] == [int(row["customer_id"]) for row in rows]
    assert [float(str(one)) for one in table["revenue_amount"].to_pylist()] == [row["Revenue"] for row in rows]
    assert isinstance(table["last_ordered_on"][0].as_py(), date)


def test_an_empty_audience_is_a_file_with_a_head() -> None:
    assert b"".join(export_members("age > 200", columns=["city"]).chunks).decode() == '\ufeff"customer_id","city"\n'
    empty = pq.read_table(io.BytesIO(b"".join(export_members("age > 200", kind="parquet").chunks)))
    assert empty.num_rows == 0
    assert len(b"".join(export_members("age > 200", kind="xlsx").chunks)) > 1000


def test_who_may_not_see_personal_data_exports_it_masked_and_who_may_not_export_nothing() -> None:
    with acting_as(Actor(ActorKind.USER, rights=frozenset({Right.SEE_CUSTOMERS, Right.EXPORT}))):
        text = b"".join(export_members(SHANGHAI, columns=["name", "phone"]).chunks).decode()
        kept = pq.read_table(io.BytesIO(b"".join(export_members(SHANGHAI, kind="parquet").chunks)))
    assert "•••" in text
    assert "Berg" not in text
    assert all(name is None or name.endswith("•••") for name in kept["name"].to_pylist())
    with acting_as(Actor(ActorKind.USER, rights=frozenset({Right.SEE_CUSTOMERS}))):
        for attempt in (lambda: export_members(CHAMPIONS), lambda: member_page(CHAMPIONS)):
            with pytest.raises(Denied):
                attempt()
    for wrong in ({"kind": "doc"}, {"columns": ["shoe_size"]}):
        with pytest.raises(UserError):
            export_members(CHAMPIONS, **wrong)  # type: ignore[arg-type]
    with pytest.raises(UserError, match="1,048,575"):
        check_sheet(SHEET_ROWS)


def test_pages_for_machines_follow_each_other_to_the_end(three: dict[str, BitMap]) -> None:
    seen: list[object] = []
    after: int | None = None
    while True:
        page = member_page(CHAMPIONS, columns=["city"], after=after, limit=7)
        assert page.total == len(three["Champions"])
        seen += [row["customer_id"] for row in page.rows]
        if page.next is None:
            break
        after = page.next
    assert seen == list(three["Champions"])
