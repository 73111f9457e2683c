"""The page of one customer: profile, tags, timeline, notes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from zhike.collect.profiles.notes import notes_of
from zhike.collect.profiles.queries import NoSuchCustomer
from zhike.collect.profiles.search import search_customers
from zhike.collect.profiles.services import remove_note, restore_note, write_note
from zhike.collect.profiles.tables import (
    CONTRACT_PARTIES,
    CUSTOMER_CONTRACTS,
    CUSTOMER_EVENTS,
    CUSTOMER_ORDERS,
    CUSTOMERS,
)
from zhike.errors import UserError
from zhike.govern.access.actors import Actor, ActorKind, acting_as
from zhike.govern.access.models import User
from zhike.govern.access.rights import Right
from zhike.govern.access.services import Denied
from zhike.understand.customers.profiles import customer_profile
from zhike.understand.customers.queries import list_customers
from zhike.understand.customers.timeline import KINDS, timeline
from zhike.understand.tags.counting.held import tags_of
from zhike.warehouse.queries import published, rows

pytestmark = pytest.mark.usefixtures("company")


def buyer() -> int:
    """The customer with the most orders."""
    return int(str(list_customers(sort="order_count", descending=True, limit=1).rows[0]["customer_id"]))


def test_a_profile_says_what_somebody_is_worth_and_which_tags_they_have() -> None:
    listed = list_customers(sort="order_count", descending=True, limit=1).rows[0]
    profile = customer_profile(buyer())
    worth = profile.worth
    assert (worth.order_count, worth.revenue_amount) == (listed["order_count"], listed["revenue_amount"])
    assert worth.last_seen_on == listed["last_seen_on"]
    assert {name: score.score for name, score in worth.scores.items()} == {
        name: listed[name] for name in ("recency", "frequency", "monetary")
    }
    assert all(len(score.borders) == 4 for score in worth.scores.values())
    assert sum(order.amount for order in profile.orders) == worth.revenue_amount
    assert [order.ordered_at for order in profile.orders] == sorted(
        (o.ordered_at for o in profile.orders), reverse=True
    )
    held = {tag.name: tag.value for tag in profile.tags}
    assert set(held) == {tag.name for tag in tags_of(published(), profile.customer_id)}
    assert held["rfm_segment"] == worth.segment
    assert held["rfm_frequency"] == str(listed["frequency"])
    assert held["last_purchase_on"] == worth.last_ordered_on


def test_a_profile_has_the_contracts_with_who_takes_part_and_where_all_comes_from() -> None:
    known = {row["customer_id"] for row in rows(published().table(CUSTOMERS)) if row["import_id"] is not None}
    found = [row for row in rows(published().table(CONTRACT_PARTIES)) if row["customer_id"] in known]
    profile = customer_profile(found[0]["customer_id"])  # type: ignore[arg-type]
    assert len(profile.contracts) == profile.worth.contract_count >= 1
    everybody = [(party["role"], party["customer_id"]) for one in profile.contracts for party in one.parties]
    wanted = [(row["role"], row["party_id"]) for row in found if row["customer_id"] == profile.customer_id]
    assert sorted(everybody) == sorted(wanted)  # type: ignore[type-var]
    origin = profile.origins["name"]
    assert (origin.source, origin.file_name) == ("crm", "source_records.csv")
    assert origin.imported_at is not None
    assert profile.keys == ({"source": "crm", "customer_key": origin.customer_key},)


def test_who_never_ordered_has_no_scores() -> None:
    nobody = list_customers(filters={"order_count": (0, 0)}, limit=1).rows[0]["customer_id"]
    worth = customer_profile(int(str(nobody))).worth
    assert (worth.order_count, worth.repeat_share, worth.scores, worth.segment) == (0, None, {}, None)


@pytest.mark.parametrize("customer_id", [-1, 10**6])
def test_a_profile_of_nobody_is_refused(customer_id: int) -> None:
    with pytest.raises(NoSuchCustomer):
        customer_profile(customer_id)


def test_a_timeline_has_every_fact_once_newest_first_page_by_page() -> None:
    now = published()
    seen_kinds = set()
    for customer_id in range(0, now.customer_count, 7):
        whole = timeline(customer_id, limit=10_000)
        assert whole.next is None
        keys = [entry.key for entry in whole.entries]
        assert keys == sorted(set(keys), reverse=True)
        paged, page = [], timeline(customer_id, limit=2)
        paged += page.entries
        while page.next:
            page = timeline(customer_id, limit=2, before=page.next)
            paged += page.entries
        assert tuple(paged) == whole.entries
        counted = {kind: [entry for entry in whole.entries if entry.kind == kind] for kind in KINDS}
        seen_kinds |= {kind for kind, found in counted.items() if found}
        orders = {(row["source"], row["order_id"]) for row in now.rows_of(CUSTOMER_ORDERS, customer_id)}
        assert {(entry.source, entry.id) for entry in counted["order"]} == orders
        assert len(counted["event"]) == len(now.rows_of(CUSTOMER_EVENTS, customer_id))
        began = [row for row in now.rows_of(CUSTOMER_CONTRACTS, customer_id) if row["started_on"] <= now.as_of]  # type: ignore[operator]
        assert len(counted["contract_started"]) == len(began)
    assert seen_kinds == set(KINDS)


def test_an_order_in_a_timeline_adds_up_its_lines() -> None:
    lines = [row for row in rows(published().table(CUSTOMER_ORDERS)) if row["customer_id"] == buyer()]
    entries = timeline(buyer(), kinds=["order"]).entries
    assert sum(entry.amount for entry in entries) == sum(row["amount"] for row in lines)  # type: ignore[misc]
    assert sum(int(str(entry.title["line_count"])) for entry in entries) == len(lines)
    assert all(entry.at.tzinfo is UTC and entry.at < datetime.now(UTC) for entry in entries)


@pytest.mark.parametrize(
    "asked", [{"kinds": ["dreams"]}, {"before": "x"}, {"before": "1~order"}, {"before": "z~order~1"}]
)
def test_a_timeline_that_there_is_not_is_refused(asked: dict[str, object]) -> None:
    with pytest.raises(UserError, match="timeline"):
        timeline(0, **asked)  # type: ignore[arg-type]


def test_what_matched_is_said() -> None:
    found = {one.matched: one.how for one in search_customers("+86 138-0000-0012")}
    assert found == {"phone": "exact"}
    assert {(one.matched, one.how) for one in search_customers("13800000")} == {("phone", "prefix")}
    assert search_customers("ada7berg")[0].how == "exact"
    assert {(one.matched, one.how) for one in search_customers("erg", limit=5)} == {("name", "part")}
    assert search_customers("P40")[0].matched == "contract"


def test_who_may_not_see_a_telephone_number_does_not_find_by_its_beginning() -> None:
    with acting_as(Actor(ActorKind.USER, rights=frozenset({Right.SEE_CUSTOMERS}))):
        assert search_customers("1380000") == ()
        found = search_customers("13800000012")
        assert [one.customer["phone"] for one in found] == ["•••12"]
        assert [one.matched for one in search_customers("ada7 be")] == ["name"]
    with acting_as(Actor(ActorKind.NOBODY)), pytest.raises(Denied):
        search_customers("berg")


def test_a_note_is_written_removed_and_restored() -> None:
    note = write_note(customer_id=3, text="  likes tea ")
    assert [shown.text for shown in notes_of(3)] == ["likes tea"]
    remove_note(note_id=note.pk)
    assert notes_of(3) == customer_profile(3).notes == ()
    restore_note(note_id=note.pk)
    assert [shown.note_id for shown in customer_profile(3).notes] == [note.pk]


def test_a_sensitive_note_is_for_its_author_and_who_sees_personal_data() -> None:
    author, other = (User.objects.create(username=name) for name in ("ann", "ben"))
    rights = frozenset({Right.SEE_CUSTOMERS, Right.WRITE_NOTES})
    as_author, as_other = (Actor(ActorKind.USER, user.pk, rights=rights) for user in (author, other))
    with acting_as(as_author):
        note = write_note(customer_id=3, text="ill", is_sensitive=True)
        assert [(shown.author, shown.is_sensitive) for shown in notes_of(3)] == [("ann", True)]
    with acting_as(as_other):
        assert notes_of(3) == ()
        with pytest.raises(UserError, match="there is no note"):
            remove_note(note_id=note.pk)
    assert len(notes_of(3)) == 1
    with acting_as(Actor(ActorKind.USER, rights=frozenset({Right.SEE_CUSTOMERS}))), pytest.raises(Denied):
        write_note(customer_id=3, text="x")


@pytest.mark.parametrize(("customer_id", "text"), [(3, "  "), (10**6, "x"), (-1, "x"), (3, "x" * 10_001)])
def test_a_note_that_cannot_be_is_refused(customer_id: int, text: str) -> None:
    with pytest.raises(UserError):
        write_note(customer_id=customer_id, text=text)
