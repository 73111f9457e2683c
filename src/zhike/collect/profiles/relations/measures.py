"""Pure measures of relations: who is what to whom, from what files, contracts, records and staff say."""

from __future__ import annotations

import functools

import ibis
from ibis.expr.types import StringValue, Table, Value

from zhike.collect.identity.normalising.text import half_width
from zhike.collect.profiles.measures import of_current_customers
from zhike.collect.profiles.relations.tables import CUSTOMER_RELATIONS, INVERSE, SAID

MOST_AT_HOME = 8  # people; more have an office, a school or a hotel in common
# What a source says that somebody is to the holder → the kind of relation.
OF_HOLDER = {
    "spouse": "spouse",
    "child": "child",
    "parent": "parent",
    "employee": "member",
    "配偶": "spouse",
    "子女": "child",
    "父母": "parent",
    "员工": "member",
}
COLUMNS = tuple(column.name for column in CUSTOMER_RELATIONS)
KEY = CUSTOMER_RELATIONS.key
TYPES = {column.name: "date" if column.name.endswith("_on") else "string" for column in SAID}
TYPES |= {"source": "string", "contract_count": "int64", "relation_id": "int64"}


def customer_relations(told: list[Table]) -> Table:
    """One row per relation, origin and direction: each of the relations told, as either of the two sees it."""
    whole = functools.reduce(lambda a, b: a.union(b), told)
    whole = whole.filter(whole.customer_id != whole.related_id)
    turned = whole.mutate(
        customer_id=whole.related_id,
        related_id=whole.customer_id,
        kind=ibis.cases(*((whole.kind == kind, inverse) for kind, inverse in INVERSE.items())),
    )
    both = whole.union(turned.select(*COLUMNS))
    # A pair may be told twice of one origin, where both of their records or both directions say it.
    of_pair = {name: both[name].max() for name in COLUMNS if name not in KEY and name != "since_on"}
    return both.group_by(KEY).agg(**of_pair, since_on=both.since_on.min())


def stated_relations(relations: Table, identity_map: Table) -> Table:
    """The relations of files, with the customers whom their keys name; those of an unknown key are left out."""
    who = identity_map.select(
        of_source=identity_map.source, of_key=identity_map.customer_key, id=identity_map.customer_id
    )
    other = identity_map.select(
        to_source=identity_map.source, to_key=identity_map.customer_key, related_id=identity_map.customer_id
    )
    ours = (relations.customer_source == who.of_source) & (relations.customer_key == who.of_key)
    joined = relations.inner_join(who, ours)
    joined = joined.inner_join(other, (joined.related_source == other.to_source) & (joined.related_key == other.to_key))
    return _relations(joined.mutate(customer_id=joined.id), joined.kind, "import", source=joined.source)


def entered_relations(entered: Table, redirects: Table) -> Table:
    """The relations that staff entered, between the customers that theirs have become."""
    current = of_current_customers(entered, redirects, "customer_id", "related_id")
    return _relations(current, current.kind, "staff", relation_id=current.relation_id)


def contract_relations(parties: Table) -> Table:
    """What the holder of a contract and those who take part in it are to each other: by role, and as a family."""
    others = parties.filter((parties.party_id != parties.customer_id) & (parties.role != "holder"))
    others = others.select("customer_id", "role", "relation_to_holder", "since_on", related_id="party_id")
    by_role = others.group_by("customer_id", "related_id", "role").agg(
        contract_count=others.count(), since_on=others.since_on.min()
    )
    told = ibis.cases(*((others.relation_to_holder == word, kind) for word, kind in OF_HOLDER.items()))
    family = others.mutate(kind=told)
    family = family.filter(family.kind.notnull()).select("customer_id", "related_id", "kind").distinct()
    roles = by_role.select("customer_id", "related_id", "contract_count", "since_on", kind="role")
    return _relations(roles, roles.kind, "contract", contract_count=roles.contract_count).union(
        _relations(family, family.kind, "contract")
    )


def employer_relations(customers: Table) -> Table:
    """Who names as employer, or as parent organisation, an organisation that is a customer of that name alone."""
    named = customers.select("customer_id", "kind", "job_title", firm=_folded(customers.name))
    firms = named.filter((named.kind == "organisation") & named.firm.notnull())
    sole = firms.group_by("firm").agg(related_id=firms.customer_id.min(), how_many=firms.count())
    sole = sole.filter(sole.how_many == 1)
    employed = customers.select("customer_id", "kind", role="job_title", employer=_folded(customers.employer))
    joined = employed.filter(employed.employer.notnull()).inner_join(sole, [("employer", "firm")])
    return _relations(joined, (joined.kind == "person").ifelse("organisation", "parent_firm"), "employer")


def referral_relations(records: Table, identity_map: Table) -> Table:
    """Who was referred by whom, as a record says by the key of its own source."""
    referred = records.filter(records.referred_by.notnull()).select("customer_id", "source", "referred_by")
    by = identity_map.select(by_source="source", by_key="customer_key", related_id="customer_id")
    same = (referred.source == by.by_source) & (referred.referred_by == by.by_key)
    joined = referred.inner_join(by, same)
    return _relations(joined, ibis.literal("referrer"), "referral", source=joined.source)


def household_relations(normalised: Table, identity_map: Table) -> Table:
    """Persons at one door who share a family name or a telephone; more than eight are no household."""
    at_home = normalised.filter((normalised.kind == "person") & _is_home(normalised))
    who = identity_map.select("source", "customer_key", "customer_id")
    known = at_home.inner_join(who, ["source", "customer_key"])
    parts = (known[name].fill_null("") + "|" for name in ("area", "street", "number", "place", "door"))
    home = functools.reduce(lambda text, part: text + part, parts)
    shared = [
        known.select("customer_id", home=home + label + known[name])  # NULL without the one or the other
        for name, label in (("family_name", "family "), ("phone", "phone "))
    ]
    members = shared[0].union(shared[1]).filter(lambda rows: rows.home.notnull()).distinct()
    sizes = members.group_by("home").agg(size=members.count())
    together = members.semi_join(sizes.filter(sizes["size"].between(2, MOST_AT_HOME)), "home")
    others = together.select(home="home", related_id="customer_id")
    pairs = together.inner_join(others, "home")
    pairs = pairs.filter(pairs.customer_id < pairs.related_id).select("customer_id", "related_id").distinct()
    return _relations(pairs, ibis.literal("household"), "home")


def _is_home(rows: Table) -> Value:
    """A street and a number; in a tower, where Chinese addresses mostly are, a door too."""
    return rows.street.notnull() & rows.number.notnull() & (rows.door.notnull() | (rows.script == "latin"))


def _folded(name: StringValue) -> StringValue:
    return half_width(name).lower().re_replace(r"\s", "").nullif("")


def _relations(rows: Table, kind: Value, origin: str, **given: Value) -> Table:
    """The rows with all columns of a relation; what neither they nor `given` have is empty."""
    known = {name: rows[name] for name in TYPES if name in rows.columns and name not in ("source", "contract_count")}
    values = {name: ibis.null(kind_of) for name, kind_of in TYPES.items()} | known | given
    typed = {name: values[name].cast(TYPES[name]) for name in TYPES}
    typed |= {name: typed[name].nullif("") for name in TYPES if TYPES[name] == "string"}
    whole = {
        "customer_id": rows.customer_id,
        "related_id": rows.related_id,
        "kind": kind,
        "origin": ibis.literal(origin),
    }
    return rows.select(**{name: (whole | typed)[name] for name in COLUMNS})
