"""Relations: from files, records and staff, through a refresh, to what is read of either of two."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.collect.profiles.merged import AS_OF, bring_in, number_of

from zhike.collect.identity.services import merge_customers
from zhike.collect.profiles.relations.reading import relations_of
from zhike.collect.profiles.relations.services import customer_named, relate, restore_relation, unrelate
from zhike.errors import UserError
from zhike.govern.access.actors import Actor, ActorKind, acting_as
from zhike.govern.access.rights import Right
from zhike.govern.access.services import Denied
from zhike.understand.audiences.queries import count_audience
from zhike.warehouse.services import run_refresh

STATED = """customer,related_key,relation,role,dept,level,function,since
c2,c3,organisation,head of purchasing,Purchasing,decision,user,2020-01-01
c2,c9,spouse,,,,,
c2,c3,cousin,,,,,
"""


def told(customer_id: int) -> list[tuple[object, ...]]:
    return [(one.related_id, one.kind, one.origin) for one in relations_of(customer_id)]


def test_records_and_files_tell_relations_that_rules_select_on(james: int, tmp_path: Path) -> None:
    lei, firm = number_of("core", "c2"), number_of("core", "c3")
    assert told(james) == [(firm, "organisation", "employer"), (lei, "referred", "referral")]
    bring_in(tmp_path, "core", "relations", STATED)  # whose columns are recognised; a cousin is rejected
    relate(customer_id=james, related_id=lei, kind="spouse")
    for one in (james, lei):
        relate(customer_id=one, related_id=firm, kind="buyer")
    run_refresh(as_of=AS_OF)
    [member] = [one for one in relations_of(firm) if (one.related_id, one.kind) == (lei, "member")]
    assert (member.role, member.department, member.layer, member.function) == (
        *("head of purchasing", "Purchasing", "decision", "user"),
    )
    assert (member.kind, member.since_on, member.source) == ("member", date(2020, 1, 1), "core")
    assert count_audience('any member (layer = "decision")').count == 1
    assert count_audience('any organisation (name = "Bergwerk Ltd")').count == 2
    assert count_audience("any family (age > 0)").count == 2
    merge_customers([[james, lei]])
    run_refresh(as_of=AS_OF)
    # Nobody is their own spouse; the firm is told twice, by a file and by the employer.
    assert told(min(james, lei)) == [
        *((firm, "buyer", "staff"), (firm, "organisation", "employer"), (firm, "organisation", "import"))
    ]


def test_what_staff_enter_shows_with_both_until_it_is_taken_back(james: int) -> None:
    firm = number_of("core", "c3")
    made = relate(customer_id=firm, related_id=james, kind="member", department=" Sales ", layer="management")
    assert (firm, "organisation", "staff") in told(james)
    [entered] = [one for one in relations_of(firm) if one.origin == "staff"]
    assert (entered.related_id, entered.kind, entered.department) == (james, "member", "Sales")
    with pytest.raises(UserError, match="entered already"):
        relate(customer_id=firm, related_id=james, kind="member")
    unrelate(relation_id=made.pk)
    assert (firm, "organisation", "staff") not in told(james)
    restore_relation(relation_id=made.pk)
    unrelate(relation_id=made.pk)
    relate(customer_id=firm, related_id=james, kind="member")
    with pytest.raises(UserError, match="entered already"):
        restore_relation(relation_id=made.pk)


def test_a_relation_that_cannot_be_is_refused(james: int) -> None:
    for problem, wanted in {
        "not one of": {"kind": "cousin"},
        "themselves": {"related_id": james},
        "no customer": {"related_id": 10**6},
        "ended before": {"since_on": date(2026, 1, 2), "until_on": date(2026, 1, 1)},
        "more than 100": {"role": "x" * 101},
    }.items():
        asked = {"customer_id": james, "related_id": number_of("core", "c2"), "kind": "spouse"} | wanted
        with pytest.raises(UserError, match=problem):
            relate(**asked)  # type: ignore[arg-type]
    with acting_as(Actor(ActorKind.USER, rights=frozenset({Right.SEE_CUSTOMERS}))), pytest.raises(Denied):
        relate(customer_id=james, related_id=number_of("core", "c2"), kind="spouse")


def test_the_other_is_named_by_whatever_names_one(james: int) -> None:
    assert customer_named("james@example.com") == james
    assert customer_named("Bergwerk") == number_of("core", "c3")
    with pytest.raises(UserError, match="names no customer"):
        customer_named("nobody at all")
