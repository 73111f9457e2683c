"""The pairs of records that may belong together, with the weight of the evidence."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping

from splink import Linker, SettingsCreator
from splink.internals.splink_dataframe import SplinkDataFrame

from zhike.collect.identity.linking.blocking import blocking_rules
from zhike.collect.identity.linking.kinds import Kind
from zhike.collect.identity.linking.model import OWN_MAILBOX, RECORD_ID, Model

LINKED = 0.95  # probability from which two records are taken to be one customer's
DOUBTFUL = 0.20  # from which somebody is asked
ASKED = 0.90  # at most, where somebody is asked whatever the evidence is; no evidence adds up to just this


def score(
    records: SplinkDataFrame,
    kind: Kind,
    model: Model,
    keys: Collection[str],
    *,
    frequencies: Mapping[str, SplinkDataFrame],
    only_new: bool = False,
) -> SplinkDataFrame:
    """The pairs that share a key and are at least doubtful; of those with a record that `is_new` only, where asked.

    `frequencies` say of columns how common every value is, as Splink would count it among these records. The answer has
    `record_id_l`, `record_id_r`, `match_weight` (the binary logarithm of the odds), `match_probability`, and the level
    of every comparison.
    """
    linker = Linker(
        records,
        SettingsCreator(
            link_type="dedupe_only",
            comparisons=[one.comparison(model.weights[one.name]) for one in kind.compared(model.columns)],
            blocking_rules_to_generate_predictions=blocking_rules(keys, only_new=only_new),
            probability_two_random_records_match=model.match_probability,
            unique_id_column_name=RECORD_ID,
            retain_matching_columns=True,  # and with them the levels
            additional_columns_to_retain=["id_is_sure", OWN_MAILBOX],
            retain_intermediate_calculation_columns=True,
        ),
        validate_settings=False,
        log_level=logging.ERROR,  # it tells every step, and all that the records do not show
    )
    for name, frequency in frequencies.items():
        linker.table_management.register_term_frequency_lookup(frequency, name)
    return linker.inference.predict(threshold_match_probability=DOUBTFUL)
