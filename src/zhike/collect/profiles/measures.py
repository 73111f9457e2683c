"""Pure measures of profiles: golden records, facts with their customer, the status of a contract."""

from __future__ import annotations

import functools
from datetime import date

import ibis
from ibis.expr.types import Table, Value

from zhike.collect.identity.normalising.text import half_width
from zhike.collect.profiles.terms import NATIONAL_LENGTHS

ENDED = ("lapsed", "surrendered", "cancelled", "matured", "claimed")
PAYMENTS_A_YEAR = {"weekly": 52, "monthly": 12, "quarterly": 4, "half_yearly": 2, "yearly": 1, "single": 0}


def customers(records: Table, identity_map: Table) -> Table:
    """One row per customer: the record that its key names, with its provenance; only the key where there is none."""
    records = records.mutate(name=ibis.coalesce(records.name, full_name(records)))
    known = identity_map.left_join(records, ["source", "customer_key"])
    return known.mutate(kind=known.kind.fill_null("person")).drop("source_right", "customer_key_right")


def full_name(records: Table) -> ibis.Value:
    """Family and given name in their usual order: given name first in Latin script, family name first otherwise."""
    latin = records.given_name.fill_null("") + " " + records.family_name.fill_null("")
    other = records.family_name.fill_null("") + records.given_name.fill_null("")
    is_latin = (records.family_name.fill_null("") + records.given_name.fill_null("")).re_search("^[A-Za-zÀ-ɏ]")
    return is_latin.ifelse(latin, other).strip().nullif("")


def with_customer(facts: Table, identity_map: Table) -> Table:
    """The facts with the customer_id of the key that each names."""
    ids = identity_map.select(
        id_source=identity_map.source, id_key=identity_map.customer_key, customer_id=identity_map.customer_id
    )
    joined = facts.inner_join(ids, (facts.customer_source == ids.id_source) & (facts.customer_key == ids.id_key))
    return joined.drop("id_source", "id_key")


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


def search_terms(customers: Table, contracts: Table) -> Table:
    """One row per text by which a customer can be found: term, what it is, and the customer.

    A name of several words is found by each of them too. A term may stand there twice, as where
    two sources name a contract alike.
    """
    named = {"name": "name", "email": "email", "id_number": "id_number", "customer_key": "customer_key"}
    found = [_terms(customers, kind, _normalised(customers[name])) for name, kind in named.items()]
    found += [_terms(customers, "phone", _digits(customers[name])) for name in ("phone", "phone_2")]
    several = customers.filter(customers.name.contains(" "))
    words = several.select(word=several.name.split(" ").unnest(), customer_id=several.customer_id)
    found.append(_terms(words, "name", _normalised(words.word)))
    found.append(_terms(contracts, "contract", _normalised(contracts.contract_id)))
    return functools.reduce(lambda a, b: a.union(b), found)


def _terms(rows: Table, kind: str, term: Value) -> Table:
    terms = rows.select(term=term, kind=ibis.literal(kind), customer_id=rows.customer_id)
    return terms.filter(terms.term != "")


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
