"""Pure measures of profiles: names, facts with their customer, the status of a contract, search terms."""

from __future__ import annotations

import functools
from datetime import date

import ibis
from ibis.expr.types import StringValue, Table, Value

from zhike.collect.identity.normalising.text import HAN, half_width
from zhike.collect.profiles.terms import NATIONAL_LENGTHS

LEFT = ("lapsed", "surrendered", "cancelled")  # ends of a contract that the customer chose
ENDED = (*LEFT, "matured", "claimed")
FOUND_BY = ("customer_id", "name", "email", "id_number", "customer_key", "phone", "phone_2")
PAYMENTS_A_YEAR = {"weekly": 52, "monthly": 12, "quarterly": 4, "half_yearly": 2, "yearly": 1, "single": 0}


def full_name(family: StringValue, given: StringValue) -> StringValue:
    """Family and given name in their usual order: given name first in Latin script, family name first otherwise."""
    latin = given.fill_null("") + " " + family.fill_null("")
    other = family.fill_null("") + given.fill_null("")
    return other.re_search("^[A-Za-zÀ-ɏ]").ifelse(latin, other).strip().nullif("")


def renamed(
    name: StringValue, family: StringValue, given: StringValue, parts: tuple[StringValue, StringValue]
) -> StringValue:
    """The name with other parts in the place of its own: in the order that it has them, Chinese without a space.

    As it is where one of the new parts is not known: a part is no whole name.
    """
    new_family, new_given = parts
    is_han = (new_family + new_given).re_search(f"^[{HAN}]+$")
    return ibis.cases(
        (new_family.isnull() | new_given.isnull(), name),
        (~is_han & (name == family + " " + given), new_family + " " + new_given),
        (~is_han & (name == given + " " + family), new_given + " " + new_family),
        else_=full_name(new_family, new_given),
    )


def with_customer(facts: Table, identity_map: Table) -> Table:
    """The facts with the customer_id of the key that each names."""
    ids = identity_map.select(
        id_source=identity_map.source, id_key=identity_map.customer_key, customer_id=identity_map.customer_id
    )
    joined = facts.inner_join(ids, (facts.customer_source == ids.id_source) & (facts.customer_key == ids.id_key))
    return joined.drop("id_source", "id_key")


def of_current_customers(entered: Table, redirects: Table, *columns: str) -> Table:
    """The rows with the customer that each of the columns, `customer_id` unless named, has become.

    What staff enter is kept under the customer_id of the day; customers are merged later. What was said of one who is
    no customer any more is left out.
    """
    for name in columns or ("customer_id",):
        moved = redirects.select(earlier_id=redirects.customer_id, current_id=redirects.current_id)
        joined = entered.left_join(moved, entered[name] == moved.earlier_id)
        current = joined.earlier_id.isnull().ifelse(joined[name], joined.current_id)
        entered = joined.mutate(**{name: current}).drop("earlier_id", "current_id").filter(current.notnull())
    return entered


def with_status(contracts: Table, *, as_of: date) -> Table:
    """The contracts with `current_status` and `annual_premium_amount`, as of a day.

    Dates go before what the source states, because a source's status is as old as its last delivery:
    a contract is pending before it starts, ends when it is terminated or has run its term.
    """
    day = ibis.literal(as_of)
    ended = contracts.status.isin(ENDED)
    current = ibis.cases(
        (contracts.started_on > day, "pending"),
        (contracts.terminated_on <= day, ended.ifelse(contracts.status, "cancelled")),
        # An end that lies ahead: still as it was before.
        (contracts.terminated_on > day, "active"),
        (ended, contracts.status),
        (contracts.ends_on < day, "matured"),
        else_=contracts.status.fill_null("active"),
    )
    payments = ibis.cases(
        *((contracts.premium_period == period, count) for period, count in PAYMENTS_A_YEAR.items()), else_=1
    )
    return contracts.mutate(
        current_status=current,
        annual_premium_amount=(contracts.premium_amount * payments).cast("decimal(18, 4)"),
    )


def contract_parties(contracts: Table, parties: Table) -> Table:
    """One row per role of a customer in a contract, with the customer who holds the contract."""
    held = contracts.select("customer_id", "source", "contract_id").distinct()
    roles = parties.select(
        *("source", "contract_id", "role", "relation_to_holder", "share", "since_on"), party_id=parties.customer_id
    )
    return held.inner_join(roles, ["source", "contract_id"])


def search_terms(customers: Table, records: Table, contracts: Table) -> Table:
    """One row per text by which a customer can be found: term, what it is, and the customer.

    All that any of their records says finds a customer, and what staff corrected. A name of several words is found by
    each of them too. A term may stand there twice, as where two sources name a contract alike.
    """
    of_one = customers.filter(customers.provenance.isnull())
    of_several = customers.filter(customers.provenance.notnull()).select(*FOUND_BY)
    all_records = of_several.union(records.semi_join(of_several, "customer_id").select(*FOUND_BY))
    numbers = _texts(contracts, {"contract_id": "contract"})
    return _terms(_named(of_one).union(numbers), _phones(of_one)).union(
        _terms(_named(all_records), _phones(all_records)).distinct()
    )


def _named(rows: Table) -> Table:
    """What names customers besides telephones."""
    several = rows.filter(rows.name.contains(" "))
    words = several.select(word=several.name.split(" ").unnest(), customer_id=several.customer_id)
    names = {name: name for name in ("name", "email", "id_number", "customer_key")}
    return _texts(rows, names).union(_texts(words, {"word": "name"}))


def _phones(rows: Table) -> Table:
    return _texts(rows, dict.fromkeys(("phone", "phone_2"), "phone"))


def _texts(rows: Table, kinds: dict[str, str]) -> Table:
    """The texts of some columns below each other, with what they are."""
    columns = (
        rows.select(term=rows[name], kind=ibis.literal(kind), customer_id=rows.customer_id)
        for name, kind in kinds.items()
    )
    return functools.reduce(lambda a, b: a.union(b), columns)


def _terms(named: Table, phones: Table) -> Table:
    spelt = named.mutate(term=_normalised(named.term)).union(phones.mutate(term=_digits(phones.term)))
    return spelt.filter(spelt.term != "")


def _normalised(text: Value) -> Value:
    return half_width(text).lower().re_replace(r"\s", "")


def _digits(text: Value) -> Value:
    """The digits of a telephone number, without zeros before it and the code of a country that is known."""
    digits = half_width(text).re_replace("[^0-9]", "").re_replace("^0+", "")
    national = (
        (digits.startswith(code) & digits.length().isin(lengths), digits.substr(len(code)))
        for code, lengths in NATIONAL_LENGTHS.items()
    )
    return ibis.cases(*national, else_=digits)
