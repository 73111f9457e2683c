"""Association rules, beside mlxtend: of the groceries with any number of items, of a million baskets in pairs."""

from __future__ import annotations

import csv
import functools
import gzip
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.contest import Clock, Result, contest
from benchmarks.homes import BUILD, open_home

SHARED_DATA = Path(os.environ.get("SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))
GROCERIES = SHARED_DATA / "groceries" / "groceries.csv.gz"
BASKETS, ITEMS, PER_BASKET = 1_000_000, 2_000, 6
SEED = 20260101


def run(scale: str) -> list[Result]:
    """From the file to all rules; mlxtend's FP-growth and its Apriori, each in turn."""
    file, pairs_only = (GROCERIES, False) if scale == "small" else (million_baskets(), True)
    if not file.exists():
        raise SystemExit(f"{file} is not there; SHARED_DATA names another folder")
    contenders: dict[str, Callable[[], dict[str, Any]]] = {
        "zhike": functools.partial(ours, file, pairs_only=pairs_only),
        "mlxtend FP-growth": functools.partial(with_mlxtend, file, "fpgrowth", pairs_only=pairs_only),
    }
    if scale == "small":  # of the million it wants a table of baskets by pairs of items
        contenders["mlxtend Apriori"] = functools.partial(with_mlxtend, file, "apriori", pairs_only=pairs_only)
    return contest(contenders, rounds=3)


def million_baskets() -> Path:
    """A file of a million baskets with six items each at most: some are bought by many, most by few, some together."""
    file = BUILD / "baskets.parquet"
    if not file.exists():
        import numpy as np
        import pyarrow as pa
        import pyarrow.parquet as pq

        draw = np.random.default_rng(SEED)
        popularity = 1 / (np.arange(ITEMS) + 20)
        item = draw.choice(ITEMS, (BASKETS, PER_BASKET), p=popularity / popularity.sum())
        item[:, 1] = np.where(draw.random(BASKETS) < 0.2, (item[:, 0] + 1) % ITEMS, item[:, 1])
        basket = np.repeat(np.arange(BASKETS), PER_BASKET)
        BUILD.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table({"basket": basket, "item": pa.array(item.ravel()).cast(pa.string())}), file)
    return file


def ours(file: Path, *, pairs_only: bool) -> dict[str, Any]:
    """With intervals and the share of chance, as the command has them."""
    open_home(BUILD / "affinity")
    import pandas as _pandas  # noqa: F401 - pyarrow loads it with its first array

    from zhike.understand.affinity.files import rules_of_file, rules_of_ragged_file
    from zhike.understand.affinity.thresholds import thresholds

    if pairs_only:
        limits = thresholds(min_support=".0005", min_confidence=".03", max_length=2)
        clock = Clock()
        found = rules_of_file(file, limits, basket="basket", item="item")
    else:
        limits = thresholds(min_support=".001", min_confidence=".8")
        clock = Clock()
        found = rules_of_ragged_file(file, limits)
    return {"seconds": clock(), "itemsets": found.itemsets, "rules": found.total}


def with_mlxtend(file: Path, algorithm: str, *, pairs_only: bool) -> dict[str, Any]:
    """A sparse table of baskets by items, frequent sets, rules with one consequent."""
    import pandas as pd
    from mlxtend import frequent_patterns
    from mlxtend.preprocessing import TransactionEncoder
    from scipy.sparse import csr_matrix

    warnings.simplefilter("ignore")
    clock = Clock()
    if pairs_only:
        rows = pd.read_parquet(file).drop_duplicates()
        codes, names = pd.factorize(rows["item"])
        held = csr_matrix((codes == codes, (rows["basket"], codes)), shape=(BASKETS, len(names)))
        table = pd.DataFrame.sparse.from_spmatrix(held, columns=names)
        support, confidence, longest = 0.0005, 0.03, 2
    else:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            baskets = list(csv.reader(lines))
        encoder = TransactionEncoder()
        table = pd.DataFrame(encoder.fit_transform(baskets), columns=encoder.columns_)
        support, confidence, longest = 0.001, 0.8, None
    find = getattr(frequent_patterns, algorithm)
    sets = find(table, min_support=support, use_colnames=True, max_len=longest)
    rules = frequent_patterns.association_rules(sets, min_threshold=confidence)
    rules = rules[rules["consequents"].map(len) == 1]
    return {"seconds": clock(), "itemsets": len(sets), "rules": len(rules)}
