"""Steps of the refresh that say who may leave, by a model that learnt from the past and was judged by a later time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
from ibis.expr.types import Table

from zhike.collect.profiles.tables import (
    CUSTOMER_CONTRACTS,
    CUSTOMER_EVENTS,
    CUSTOMER_INTERACTIONS,
    CUSTOMER_MESSAGES,
    CUSTOMER_ORDERS,
    CUSTOMER_RESPONSES,
)
from zhike.understand.propensity.measures import (
    CONTRACT_FEATURES,
    ORDER_FEATURES,
    WINDOW,
    Facts,
    buyers_as_of,
    churn_probabilities,
    drawn,
    ended_contract,
    first_of,
    holders_as_of,
    stopped_buying,
)
from zhike.understand.propensity.rhythm.steps import STEPS as RHYTHM_STEPS
from zhike.understand.propensity.tables import PROPENSITIES, PROPENSITY_MODELS, PROPENSITY_TERMS
from zhike.warehouse.contracts import Contract
from zhike.warehouse.engines import ibis_schema
from zhike.warehouse.steps import Inputs, Outputs, Refreshing, Step

if TYPE_CHECKING:
    from zhike.understand.propensity.churn import Churn

MOST_CUSTOMERS = 200_000  # learnt from and judged by
FACTS = (
    CUSTOMER_ORDERS,
    CUSTOMER_CONTRACTS,
    CUSTOMER_EVENTS,
    CUSTOMER_INTERACTIONS,
    CUSTOMER_MESSAGES,
    CUSTOMER_RESPONSES,
)


@dataclass(frozen=True)
class Kind:
    """A way of leaving: by what it is known, of whom, and who did."""

    features: Sequence[str]
    known: Callable[..., Table]
    left: Callable[[Table, Facts, date], Table]


KINDS = {
    "contract": Kind(
        CONTRACT_FEATURES, holders_as_of, lambda known, facts, day: ended_contract(known, facts.contracts, day=day)
    ),
    "order": Kind(ORDER_FEATURES, buyers_as_of, lambda known, facts, day: stopped_buying(known, facts.orders, day=day)),
}


@contextmanager
def _learn(refreshing: Refreshing, inputs: Inputs) -> Iterator[Outputs]:
    """The models, learnt from customers drawn by their numbers, and the terms of those that are used."""
    # scikit-learn takes a second to load, which every other command is spared.
    from zhike.understand.propensity.churn import learn_churn

    share = min(1.0, MOST_CUSTOMERS / max(refreshing.customer_count, 1))
    facts = _facts(inputs)
    if share < 1:
        facts = facts.of(lambda rows: drawn(rows, share=share))
    days = [inputs.as_of - timedelta(days=times * WINDOW) for times in (2, 1)]
    models, terms = [], []
    for name, kind in KINDS.items():
        train, test = (refreshing.engine.arrow(kind.left(kind.known(facts, day=day), facts, day)) for day in days)
        found = learn_churn(train, test, kind.features)
        models.append(_model(name, found, days))
        if found.is_used:
            terms += [{"model": name, **asdict(one), "intercept": found.intercept} for one in found.terms]
    yield {
        PROPENSITY_MODELS: refreshing.loaded(PROPENSITY_MODELS, _rows(PROPENSITY_MODELS, models)),
        PROPENSITY_TERMS: refreshing.loaded(PROPENSITY_TERMS, _rows(PROPENSITY_TERMS, terms)),
    }


def _model(name: str, found: Churn, days: Sequence[date]) -> Mapping[str, object]:
    judged = found.judged
    return {
        "model": name,
        "is_used": found.is_used,
        "learnt_on": days[0],
        "judged_on": days[1],
        "customers": found.customers,
        "events": found.events,
        "judged_customers": found.judged_customers,
        "judged_events": found.judged_events,
        "auc": judged and judged.auc,
        "auc_low": judged and judged.auc_interval.low,
        "auc_high": judged and judged.auc_interval.high,
        "judged": json.dumps(asdict(judged) if judged else None),
        "doubts": json.dumps([asdict(one) for one in found.doubts]),
    }


def _facts(inputs: Inputs) -> Facts:
    return Facts(*(inputs[contract] for contract in FACTS))


def _rows(contract: Contract, rows: Sequence[Mapping[str, object]]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=ibis_schema(contract).to_pyarrow())


def _propensities(inputs: Inputs) -> Outputs:
    facts = _facts(inputs)
    holders, buyers = (
        churn_probabilities(
            kind.known(facts, day=inputs.as_of), inputs[PROPENSITY_TERMS], model=name, features=kind.features
        )
        for name, kind in KINDS.items()
    )
    return {PROPENSITIES: first_of(holders, buyers).select(*PROPENSITIES.column_names)}


STEPS = (
    *RHYTHM_STEPS,
    Step(
        name="propensity_models",
        reads=FACTS,
        writes=(PROPENSITY_MODELS, PROPENSITY_TERMS),
        works=_learn,
        by_shard=False,
    ),
    Step(name="propensities", reads=(*FACTS, PROPENSITY_TERMS), writes=(PROPENSITIES,), compute=_propensities),
)
