"""Golden records and corrections, from files through a refresh to what is read."""

from __future__ import annotations

from datetime import date

import pytest
from tests.collect.profiles.merged import AS_OF, number_of

from zhike.collect.identity.services import merge_customers
from zhike.collect.profiles.golden.choosing import choices, priorities_in_force, records_of
from zhike.collect.profiles.golden.corrections import AlreadyCorrected, corrections_of
from zhike.collect.profiles.named import NoSuchCustomer
from zhike.collect.profiles.queries import find_customers, golden_record_of, single_view
from zhike.collect.profiles.relations.services import relate
from zhike.collect.profiles.services import correct, undo_correction, write_note
from zhike.collect.profiles.tables import CUSTOMER_RECORDS, CUSTOMERS
from zhike.collect.sources.services import change_source
from zhike.errors import UserError
from zhike.govern.access.actors import Actor, ActorKind, acting_as
from zhike.govern.access.rights import Right
from zhike.govern.access.services import Denied
from zhike.warehouse.queries import published, rows
from zhike.warehouse.services import run_refresh


def value(customer_id: int, field: str) -> object:
    """What the page says."""
    known = golden_record_of(customer_id).fields.get(field)
    return known.value if known else None


def in_lists(customer_id: int, field: str) -> object:
    return published().rows_of(CUSTOMERS, customer_id)[0][field]


def test_a_golden_record_says_why_each_value_was_taken(james: int) -> None:
    fields = golden_record_of(james).fields
    assert {name: str(fields[name].decision) for name in ("name", "phone", "email", "born_on", "city")} == {
        "name": "validity",
        "phone": "validity",
        "email": "recency",
        "born_on": "validity",
        "city": "only",
    }
    assert (fields["name"].value, fields["email"].value) == ("James Evans", "james.evans@example.com")
    assert [(one.source, one.value, one.has_fault) for one in fields["phone"].said] == [
        ("core", "13800000001", False),
        ("app", "12", True),
    ]
    assert fields["first_seen_on"].value == date(2020, 2, 3)
    found = [find_customers(text)[0]["customer_id"] for text in ("EvansJames", "a1", "c1", "13800000001")]
    assert found == [james] * 4
    assert single_view(james).fields["email"]["records"][1]["value"] == "james@example.com"  # type: ignore[index]
    # Nobody is told more than they may see.
    with acting_as(Actor(ActorKind.USER, rights=frozenset({Right.SEE_CUSTOMERS}))):
        hidden = golden_record_of(james).fields["phone"]
        assert [hidden.value, *(one.value for one in hidden.said)] == ["•••01", "•••01", "•••12"]


def test_what_is_said_of_one_is_what_was_computed_of_all(james: int) -> None:
    now = published()
    for row in rows(now.table(CUSTOMERS)):
        customer_id = int(str(row["customer_id"]))
        made = choices(records_of(now, customer_id), priorities_in_force(now))
        for name, choice in made.items():
            assert choice.value == row[name], (customer_id, name)
    assert len(rows(now.table(CUSTOMER_RECORDS))) == 4


def test_a_correction_shows_at_once_is_in_lists_later_and_can_be_undone(james: int) -> None:
    first = correct(customer_id=james, field="phone", value="13900000003", why="he called")
    second = correct(customer_id=james, field="phone", value="13900000004")
    correct(customer_id=james, field="born_on", value="1980/5/7")
    correct(customer_id=james, field="family_name", value="Evans")
    correct(customer_id=james, field="name", value="Jim Evans")  # which leaves no parts of another name
    change_source(name="core", field_priorities={"email": 10})
    assert (value(james, "phone"), value(james, "born_on")) == ("13900000004", date(1980, 5, 7))
    assert (value(james, "name"), value(james, "given_name")) == ("Jim Evans", None)
    assert (in_lists(james, "phone"), value(james, "email")) == ("13800000001", "james.evans@example.com")
    assert [(one.before, one.after, one.why, one.is_in_force) for one in corrections_of(james)][-2:] == [
        ("13900000003", "13900000004", "", True),
        ("13800000001", "13900000003", "he called", False),
    ]
    run_refresh(as_of=AS_OF)
    names = ("phone", "born_on", "name", "family_name", "given_name", "email")
    expected = ("13900000004", date(1980, 5, 7), "Jim Evans", "Evans", None, "james@example.com")
    assert tuple(in_lists(james, name) for name in names) == expected
    assert str(golden_record_of(james).fields["email"].decision) == "priority"
    for text in ("13900000004", "13800000001", "Jim Evans"):  # as it was corrected, and as a record says
        assert find_customers(text)[0]["customer_id"] == james
    undo_correction(correction_id=second.pk)
    assert value(james, "phone") == first.after
    undo_correction(correction_id=first.pk)
    phone = golden_record_of(james).fields["phone"]
    assert (phone.value, phone.is_in_lists, str(phone.decision)) == ("13800000001", False, "validity")


def test_a_corrected_part_of_a_name_is_the_same_on_the_page_and_in_lists(james: int) -> None:
    lei = number_of("core", "c2")
    for customer_id, parts in ((james, ("", "小红")), (lei, ("李", "小雷"))):
        for field, text in zip(("family_name", "given_name"), parts, strict=True):
            if text:
                correct(customer_id=customer_id, field=field, value=text)
    shown = [golden_record_of(one).fields["name"] for one in (james, lei)]
    assert [(one.value, one.is_in_lists) for one in shown] == [("James Evans", True), ("李小雷", False)]
    run_refresh(as_of=AS_OF)
    for one in (james, lei):
        assert value(one, "name") == in_lists(one, "name")
        assert golden_record_of(one).fields["name"].is_in_lists


@pytest.mark.parametrize("priorities", [{"shoe": 1}, {"phone": -1}])
def test_a_priority_that_cannot_be_is_refused(james: int, priorities: dict[str, int]) -> None:
    with pytest.raises(UserError, match="priority"):
        change_source(name="core", field_priorities=priorities)


def test_a_correction_follows_a_customer_who_is_merged(james: int) -> None:
    other = number_of("core", "c2")
    for customer_id in (other, james):
        correct(customer_id=customer_id, field="occupation", value=f"cook {customer_id}")
    merge_customers([[james, other]])
    run_refresh(as_of=AS_OF)
    merged = min(james, other)
    assert number_of("core", "c2") == merged
    assert value(merged, "occupation") == in_lists(merged, "occupation") == f"cook {james}"
    assert len(corrections_of(merged)) == 2
    # A number of before is written to as it is read.
    gone, firm = max(james, other), number_of("core", "c3")
    assert correct(customer_id=gone, field="city", value="Hull").customer_id == merged
    assert write_note(customer_id=gone, text="a\r\nb" + "x" * 9_997).customer_id == merged
    for one in (firm, merged):
        with pytest.raises(UserError):
            relate(
                customer_id=gone,
                related_id=merged if one == merged else gone,
                kind="cousin" if one == firm else "spouse",
            )
    made = relate(customer_id=firm, related_id=gone, kind="member")
    assert (made.customer_id, made.related_id) == (firm, merged)
    assert len(corrections_of(gone)) == 3


@pytest.mark.parametrize(
    ("field", "text", "problem"),
    [
        ("phone", "12", "no telephone number that can be dialled"),
        ("email", "a@b", "no e-mail address"),
        ("born_on", "yesterday", "is not a date"),
        ("born_on", "2999-01-01", "in the future"),
        ("id_number", "11010119900307001X", "wrong check digit"),
        ("gender", "robot", "not one of"),
        ("kind", " ", "required"),
        ("income_amount", "much", "not a number"),
        ("income_amount", "-1", "less than 0"),
        ("income_amount", "99999999999999.99999", "not a number"),
        ("name", "\u200b", "cannot be seen"),
        ("city", "Le\x07eds", "cannot be seen"),
        ("name", "x" * 501, "more than 500"),
        ("customer_id", "7", "cannot be corrected"),
        ("phone", "13800000001", "already what the page says"),
    ],
)
def test_what_cannot_be_is_refused(james: int, field: str, text: str, problem: str) -> None:
    with pytest.raises(UserError, match=problem):
        correct(customer_id=james, field=field, value=text)


def test_only_who_is_on_the_staff_looks_after_a_customer(james: int, monkeypatch: pytest.MonkeyPatch) -> None:
    correct(customer_id=james, field="agent_id", value="A1")  # nothing is known of the staff
    monkeypatch.setattr("zhike.collect.profiles.golden.checking.staff", lambda: {"A2": None})
    with pytest.raises(UserError, match="no member of staff"):
        correct(customer_id=james, field="agent_id", value="A3")
    correct(customer_id=james, field="agent_id", value="A2")


def test_nobody_overwrites_what_somebody_else_has_just_corrected(james: int) -> None:
    first = correct(customer_id=james, field="city", value="Leeds", last_seen=0)
    with pytest.raises(AlreadyCorrected):
        correct(customer_id=james, field="city", value="Hull", last_seen=0)
    correct(customer_id=james, field="city", value="", last_seen=first.pk)
    assert value(james, "city") is None
    with acting_as(Actor(ActorKind.USER, rights=frozenset({Right.SEE_CUSTOMERS, Right.CORRECT_CUSTOMERS}))):
        correct(customer_id=james, field="phone", value="13800000001")  # else one finds out by trying
    with pytest.raises(NoSuchCustomer):
        correct(customer_id=10**6, field="city", value="Hull")
    with acting_as(Actor(ActorKind.USER, rights=frozenset({Right.SEE_CUSTOMERS}))), pytest.raises(Denied):
        correct(customer_id=james, field="city", value="Hull")
