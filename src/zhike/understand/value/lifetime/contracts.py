"""Contracts that are renewed or not: how many there were after each period, of a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.utils.translation import gettext as _

from zhike.collect.sources.plain_files import Wanted, columns_of, read_columns
from zhike.errors import UserError
from zhike.stats.lifetime.cells import Numbers
from zhike.stats.lifetime.fitting import Fit
from zhike.stats.lifetime.shifted_beta_geometric import (
    MOST_PERIODS,
    Contracts,
    ShiftedBetaGeometric,
    contracts_of,
    fit_shifted_beta_geometric,
)
from zhike.warehouse.contracts import Kind


@dataclass(frozen=True)
class FittedContracts:
    """A shifted-beta-geometric model, with the share that was there after each period, seen and by the model."""

    model: ShiftedBetaGeometric
    fit: Fit
    customers: float
    seen: Numbers | None  # None where it was not asked for
    modelled: Numbers


def contracts_of_file(path: Path) -> Contracts:
    """The contracts of a file.

    Either one row per period, `period` from 0 and `customers` who were there, of one cohort; or one row per contract,
    `periods` it was seen for and whether it `ended` then (1/0, yes/no), with `weights` for several alike. Raises
    UserError for a file that is neither.
    """
    there = set(columns_of(path))
    if {"period", "customers"} <= there:
        wanted = {"period": Wanted("period", Kind.INTEGER, minimum=0), "customers": Wanted("customers", minimum=0)}
        rows = read_columns(path, wanted)
        order = np.argsort(rows["period"].to_numpy(), kind="stable")
        if list(rows["period"].to_numpy()[order]) != list(range(len(rows))):
            raise UserError(_("the periods are not 0, 1, 2 … each once"), where=path.name)
        _check_length(len(rows) - 1, path)
        survivors = rows["customers"].to_numpy().astype(np.float64)[order]
        try:
            return contracts_of(survivors)
        except ValueError as error:
            raise UserError(str(error), where=path.name) from error
    if not {"periods", "ended"} <= there:
        raise UserError(
            _("the file tells no contracts"),
            where=path.name,
            advice=_("Give the columns period and customers of a cohort, or periods and ended of each contract."),
        )
    wanted = {"periods": Wanted("periods", Kind.INTEGER, minimum=1), "ended": Wanted("ended", Kind.BOOLEAN)}
    if "weights" in there:
        wanted["weights"] = Wanted("weights", minimum=0)
    rows = read_columns(path, wanted)
    periods, ended = rows["periods"].to_numpy(), rows["ended"].to_numpy(zero_copy_only=False)
    _check_length(int(periods.max()), path)
    weights = rows["weights"].to_numpy() if "weights" in there else np.ones(len(rows))
    counts = [
        np.bincount(periods[which] - 1, weights[which], periods.max()).astype(np.float64) for which in (ended, ~ended)
    ]
    return Contracts(*counts)


def _check_length(periods: int, path: Path) -> None:
    if periods > MOST_PERIODS:
        raise UserError(
            _("a contract of %(periods)s periods: more than %(most)s are not told apart")
            % {"periods": f"{periods:,}", "most": f"{MOST_PERIODS:,}"},
            where=path.name,
            advice=_("Count in longer periods."),
        )


def fit_contracts(contracts: Contracts, seen: Numbers | None = None) -> FittedContracts:
    """The model under which these ends are likeliest. Raises UserError where none ended."""
    try:
        model, fit = fit_shifted_beta_geometric(contracts)
    except (ValueError, ArithmeticError) as error:
        raise UserError(str(error), where="sbg") from error
    customers = float(contracts.ended.sum() + contracts.went_on.sum())
    return FittedContracts(model, fit, customers, seen, model.survival(np.arange(len(contracts.ended) + 1)))
