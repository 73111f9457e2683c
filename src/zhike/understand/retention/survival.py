"""How long the customers of a plain file stay, by group, without importing it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import gettext as _

from zhike.collect.sources.plain_files import Wanted, read_columns
from zhike.errors import UserError
from zhike.stats.survival.comparing import Compared, log_rank, proportional_hazards
from zhike.stats.survival.curves import Curve, Quantile, kaplan_meier
from zhike.stats.survival.flattening import Flattening, flattening
from zhike.stats.survival.hazards import usual_period
from zhike.stats.survival.stays import Stays, stays_of
from zhike.stats.weighted import Estimate
from zhike.understand.retention.measures import stay_counts
from zhike.warehouse.contracts import Kind
from zhike.warehouse.engines.duckdb import embedded

MOST_GROUPS = 100


@dataclass(frozen=True)
class Group:
    """How long the customers of one group stay."""

    name: str | None  # None for those of whom the file does not say
    curve: Curve
    median: Quantile
    mean: Estimate | None  # within the horizon; None where everybody was seen on the first day only
    habit: Flattening


@dataclass(frozen=True)
class Survival:
    """How long customers stay: one group, or several and how they compare."""

    groups: Sequence[Group]
    period: float  # of the hazards
    horizon: float  # the longest duration up to which every group was watched
    log_rank: Compared | None
    proportional: Compared | None
    warning: str = ""  # why the log-rank test is not all there is to say


def survival_of_file(
    path: Path, *, duration: str, event: str, by: str | None = None, level: float = 0.95, period: float | None = None
) -> Survival:
    """How long the customers of a file stay: the columns say how long, whether they left then, and which group.

    `period` is the length of the periods by which the hazard of leaving is told, in the unit of the durations; without
    it, one that suits them. Raises UserError for a file that cannot be read, columns that it lacks, cells that are not
    what they should be, more than a hundred groups, and a level or period that is none.
    """
    if not 0 < level < 1:
        raise UserError(_("%(level)s is not between 0 and 1") % {"level": f"{level:g}"}, where="--level")
    wanted = {
        "duration": Wanted(duration, Kind.NUMBER, option="--duration", minimum=0),
        "event": Wanted(event, Kind.BOOLEAN, option="--event"),
    }
    if by is not None:
        wanted["group"] = Wanted(by, Kind.TEXT, option="--by", may_lack=True)
    counts = _counted(read_columns(path, wanted), by)
    stays = [(name, _stays(counts, name)) for name in _names(counts, by)]
    period = usual_period([one for _name, one in stays]) if period is None else period
    horizon = min(float(one.durations[-1]) for _name, one in stays)
    groups = [_group(name, one, horizon, level, period) for name, one in stays]
    if len(groups) < 2:
        return Survival(groups, period, horizon, None, None)
    apart = [one for _name, one in stays]
    proportional = proportional_hazards(apart)
    return Survival(groups, period, horizon, log_rank(apart), proportional, doubt(proportional, level))


def _counted(rows: pa.Table, by: str | None) -> pa.Table:
    engine = embedded()
    name = f"stays_{uuid.uuid4().hex}"
    whole = engine.connection.create_table(name, rows, temp=True)
    try:
        return engine.arrow(stay_counts(whole, by=("group",) if by is not None else ()))
    finally:
        engine.connection.drop_table(name)


def _names(counts: pa.Table, by: str | None) -> list[str | None]:
    """The groups in order: numbers by their size, texts by their letters, those without a name last."""
    if by is None:
        return [None]
    found = pc.unique(counts["group"])
    if len(found) > MOST_GROUPS:
        raise UserError(
            _("column %(column)s has %(count)s different values") % {"column": repr(by), "count": f"{len(found):,}"},
            where="--by",
            advice=_("Name a column with up to %(most)s groups of customers.") % {"most": MOST_GROUPS},
        )
    return sorted(found.to_pylist(), key=_place)


def _place(name: str | None) -> tuple[bool, bool, float, str]:
    try:
        number = float(name or "")
    except ValueError:
        number = np.nan
    is_text = not np.isfinite(number)
    return name is None, is_text, 0.0 if is_text else number, name or ""


def _stays(counts: pa.Table, name: str | None) -> Stays:
    if "group" in counts.column_names:
        group = counts["group"]
        counts = counts.filter(group.is_null() if name is None else pc.equal(group, name))
    return stays_of(*(counts[column].to_numpy() for column in ("duration", "events", "censored")))


def _group(name: str | None, stays: Stays, horizon: float, level: float, period: float) -> Group:
    curve = kaplan_meier(stays, level=level)
    try:
        habit = flattening(stays, period=period, level=level)
    except ValueError as error:
        raise UserError(
            str(error),
            where="--period",
            advice=_("Give the length of a period in the unit of the durations, such as 30 for days."),
        ) from error
    mean = curve.restricted_mean(horizon) if horizon > 0 else None
    return Group(name, curve, curve.quantile(), mean, habit)


def doubt(proportional: Compared | None, level: float) -> str:
    """Why the log-rank test is not all there is to say; empty where hazards may well be proportional."""
    if proportional is None or proportional.p > 1 - level:
        return ""
    return _(
        "The hazards of the groups are not proportional (Grambsch and Therneau, p = %(p)s): how they differ changes "
        "with time, and where curves cross, the log-rank test may see nothing. Compare them at single times and by "
        "their means."
    ) % {"p": f"{proportional.p:.2g}"}
