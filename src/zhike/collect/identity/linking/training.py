"""Learning from records, without labels, how much each piece of evidence weighs."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from splink import Linker, SettingsCreator, block_on
from splink.internals.exceptions import EMTrainingException
from splink.internals.splink_dataframe import SplinkDataFrame

from zhike.collect.identity.linking.kinds import Kind
from zhike.collect.identity.linking.ladders import Evidence
from zhike.collect.identity.linking.model import FEWEST_CUSTOMERS, RECORD_ID, Model, Weights

logger = logging.getLogger("zhike.identity")

FEWEST_RECORDS = 100  # fewer show nothing that is not shipped already
STRANGERS = 400_000  # pairs drawn at random, from which `u` is learnt
MOST_PAIRS = 1_000_000  # of one pass of training
FEWEST_PAIRS = 30  # from which a pass learns anything
# What the shipped weights are worth beside those of the records: so many matches, and so many pairs of strangers.
SHIPPED_MATCHES, SHIPPED_STRANGERS = 40, 1_000
MOST_DIFFER = 2  # times what is shipped: records of one customer that differ in something more often than so are not
RAREST = 1e-6  # nothing is taken to be rarer, however few were seen
# Enough to two digits; after many rounds what hardly any match shows comes out as so little that Splink refuses it.
CONVERGED, MOST_ROUNDS = 0.001, 12
SEED = 20_260_101


@dataclass(frozen=True)
class Pass:
    """What pairs that agree in some columns show of the other comparisons."""

    rule: tuple[str, ...]
    pairs: int
    matches: float  # how many of the pairs belong together
    m: Mapping[str, Sequence[float]]  # comparison → its levels, strongest first


def shipped(kind: Kind, columns: Collection[str], count: int) -> Model:
    """The model of records that are too few to learn from."""
    weights = {one.name: one.shipped() for one in kind.compared(columns)}
    return Model(kind.name, tuple(sorted(columns)), 1 / max(count, FEWEST_CUSTOMERS), weights)


def learn(
    records: SplinkDataFrame, kind: Kind, columns: Collection[str], count: int, passes: Mapping[tuple[str, ...], int]
) -> Model:
    """The model of these records: `u` from pairs drawn at random, `m` by expectation maximisation.

    `columns` are those with values, `count` is the number of records, `passes` says how many pairs agree in the
    columns of each pass of training. What the records are too few to show stays as it was shipped. The same records
    give the same model.
    """
    if count < FEWEST_RECORDS:
        return shipped(kind, columns, count)
    compared = kind.compared(columns)
    strangers = _strangers(records, compared, count)
    learnt = [
        _learn_from(records, compared, strangers, rule, pairs, count)
        for rule, pairs in passes.items()
        if pairs >= FEWEST_PAIRS
    ]
    found = [one for one in learnt if one is not None]
    for one in found:
        _count_strangers(one, compared, strangers, count)
    weights = {one.name: _with_matches(one, strangers[one.name], found) for one in compared}
    return Model(kind.name, tuple(sorted(columns)), 1 / max(count, FEWEST_CUSTOMERS), weights)


def _linker(
    records: SplinkDataFrame, compared: Sequence[Evidence], weights: Mapping[str, Sequence[Weights]], count: int
) -> Linker:
    return Linker(
        records,
        SettingsCreator(
            link_type="dedupe_only",
            comparisons=[one.comparison(weights[one.name]) for one in compared],
            probability_two_random_records_match=1 / count,
            unique_id_column_name=RECORD_ID,
            em_convergence=CONVERGED,
            max_iterations=MOST_ROUNDS,
        ),
        validate_settings=False,  # they are ours, and to read them all again takes half a second
        log_level=logging.ERROR,  # it tells every step, and all that the records do not show
    )


def _strangers(records: SplinkDataFrame, compared: Sequence[Evidence], count: int) -> dict[str, list[Weights]]:
    """The shipped weights, with the `u` that pairs drawn at random show."""
    linker = _linker(records, compared, {one.name: one.shipped() for one in compared}, count)
    # One pass over each comparison: in ten, as Splink would, a small file takes as long as one of a million records.
    linker.training.estimate_u_using_random_sampling(
        max_pairs=STRANGERS, seed=SEED, min_count_per_level=None, num_chunks=1
    )
    learnt = {one["output_column_name"]: one for one in linker.misc.save_model_to_json()["comparisons"]}
    pairs = min(STRANGERS, count * (count - 1) / 2)
    own = pairs / (pairs + SHIPPED_STRANGERS)
    weights = {}
    for one in compared:
        levels = [level for level in learnt[one.name]["comparison_levels"] if not level.get("is_null_level")]
        seen = [_at_least(level.get("u_probability")) for level in levels]
        u = _shares([own * u + (1 - own) * given.u for u, given in zip(seen, one.shipped(), strict=True)])
        weights[one.name] = [Weights(given.m, u) for given, u in zip(one.shipped(), u, strict=True)]
    return weights


def _learn_from(
    records: SplinkDataFrame,
    compared: Sequence[Evidence],
    weights: Mapping[str, Sequence[Weights]],
    rule: tuple[str, ...],
    pairs: int,
    count: int,
) -> Pass | None:
    """What the pairs that agree in all of these columns teach; None where Splink cannot tell matches from strangers."""
    training = _linker(records, compared, weights, count).training
    try:
        trained = training.estimate_parameters_using_expectation_maximisation(
            block_on(*rule),
            estimate_without_term_frequencies=True,
            max_pairs=MOST_PAIRS if pairs > MOST_PAIRS else None,
        ).core_model_settings
    except (EMTrainingException, ValueError) as error:  # no pairs after all, or a probability that is next to nothing
        logger.info("a pass of training taught nothing", extra={"rule": list(rule), "reason": type(error).__name__})
        return None
    found = {
        one.output_column_name: [
            _at_least(level.m_probability) for level in one.comparison_levels if not level.is_null_level
        ]
        for one in trained.comparisons
    }
    return Pass(rule, pairs, trained.probability_two_random_records_match * pairs, found)


def _count_strangers(found: Pass, compared: Sequence[Evidence], weights: dict[str, list[Weights]], count: int) -> None:
    """Sets how often strangers agree in the one column of a pass: its pairs that do not belong together, of all pairs.

    A draw of some hundred thousand pairs shows nothing of that where hardly any agree, and most that do are matches.
    Those who share a telephone and all but their names are matches to Splink: as many as differ beyond what is usual
    are taken for strangers.
    """
    if len(found.rule) > 1 or found.rule[0] not in weights:
        return
    beyond = [found.m[one.name][-1] - MOST_DIFFER * one.shipped()[-1].m for one in compared if one.name in found.m]
    matches = found.matches * (1 - max(0.0, *beyond))
    levels = weights[found.rule[0]]
    levels[0] = Weights(levels[0].m, (found.pairs - matches + 1) / (count * (count - 1) / 2))


def _with_matches(evidence: Evidence, strangers: Sequence[Weights], passes: Sequence[Pass]) -> tuple[Weights, ...]:
    """The weights of one comparison: its `m` from every pass that left it free, each by how many matches it had."""
    shown = [(one.matches, one.m[evidence.name]) for one in passes if evidence.name in one.m]
    shown.append((SHIPPED_MATCHES, [one.m for one in evidence.shipped()]))
    u = _shares([one.u for one in strangers])
    m = _shares([sum(matches * m[level] for matches, m in shown) for level in range(len(strangers))])
    m = _shares([*m[:-1], min(m[-1], MOST_DIFFER * evidence.shipped()[-1].m)])
    return tuple(Weights(*one) for one in zip(m, u, strict=True))


def _shares(parts: Sequence[float]) -> list[float]:
    whole = sum(parts)
    return [part / whole for part in parts]


def _at_least(probability: object) -> float:
    """A probability of a level; the least there is where the records do not show it."""
    return max(probability, RAREST) if isinstance(probability, float) else RAREST
