"""Commands about who stays."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zhike.cli.output import Json, aside, people, show, start, table
from zhike.errors import UserError

if TYPE_CHECKING:
    from zhike.stats.survival.curves import Curve, Point
    from zhike.stats.survival.flattening import Flattening
    from zhike.understand.retention.survival import Group, Survival

ROWS = 8  # about so many durations are shown to people who name none
HAZARD = {
    "flattens": "falls, then is flat",
    "constant": "is the same all along",
    "rises": "never falls",
    "falls_on": "falls all the time",
    "seasonal": "comes and goes",
    "rises_again": "falls, and rises again",
    "unsettled": "falls until too late to tell",
    "too_few": "too few left to tell",
}


def add_commands(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    app.command("survival")(survival)


def survival(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX, JSON Lines or Parquet; gzip allowed.", metavar="FILE")],
    duration: Annotated[str, typer.Option(help="Column that says how long a customer stayed.", metavar="COL")],
    event: Annotated[
        str,
        typer.Option(help="Column that says whether the customer left then: 1/0, yes/no, true/false.", metavar="COL"),
    ],
    by: Annotated[str | None, typer.Option(help="Column of the groups to compare.", metavar="COL")] = None,
    at: Annotated[
        list[str] | None, typer.Option(help="Durations to show, set apart by commas; may repeat.", metavar="LIST")
    ] = None,
    level: Annotated[float, typer.Option(help="How sure intervals are.", metavar="SHARE")] = 0.95,
    period: Annotated[
        float | None,
        typer.Option(help="Length of the periods by which the hazard is told, in the unit of durations; 1 if whole."),
    ] = None,
    as_json: Json = False,
) -> None:
    """See how long customers stay: Kaplan-Meier, median, time to habit; groups compared by the log-rank test."""
    start(needs_home=False)
    from zhike.understand.retention.survival import survival_of_file

    times = _times(at or [])
    found = survival_of_file(file, duration=duration, event=event, by=by, level=level, period=period)
    if found.warning:
        aside.print(found.warning, style="yellow", markup=False, soft_wrap=True)
    show(
        _document(found, times, is_grouped=by is not None),
        as_json=as_json,
        otherwise=lambda: _for_people(found, times, duration, by),
    )


def _times(given: list[str]) -> list[float]:
    times = []
    for one in ",".join(given).split(",") if given else []:
        try:
            time = float(one)
        except ValueError:
            time = math.nan
        if not 0 <= time < math.inf:
            raise UserError(f"{one.strip()!r} is no duration", where="--at", advice="Give numbers, such as 6,12,24.")
        times.append(time)
    return times


def _document(found: Survival, times: list[float], *, is_grouped: bool) -> dict[str, object]:
    parts: dict[str, Any] = {
        "customers": lambda one: _number(one.curve.stays.customers),
        "events": lambda one: _number(one.curve.stays.events.sum()),
        "survival": lambda one: _curve(one.curve),
        "median": lambda one: _number(one.median.duration),
        "median_interval": lambda one: [_number(one.median.low), _number(one.median.high)],
        "restricted_mean": lambda one: _mean(one, found.horizon),
        "habit": lambda one: _habit(one.habit),
    }
    if times:
        parts["at"] = lambda one: [_point(one.curve.after(time), time) for time in times]
    document: dict[str, object] = {
        name: {one.name or "": part(one) for one in found.groups} if is_grouped else part(found.groups[0])
        for name, part in parts.items()
    }
    document["period"] = _number(found.period)
    document["level"] = found.groups[0].curve.level
    document["logrank"] = found.log_rank
    document["proportional_hazards"] = found.proportional
    if found.warning:
        document["warning"] = found.warning
    return document


def _curve(curve: Curve) -> list[dict[str, object]]:
    """Every duration of the data, from the start on."""
    stays = curve.stays
    columns = (stays.durations, curve.survival, curve.lower, curve.upper, stays.at_risk, stays.events)
    names = ("time", "survival", "lower", "upper", "at_risk", "events")
    points = [
        {
            name: value if 0 < place < 4 else _number(value)
            for place, (name, value) in enumerate(zip(names, row, strict=True))
        }
        for row in zip(*(column.tolist() for column in columns), strict=True)
    ]
    if stays.durations[0] == 0:
        return points
    return [dict(zip(names, (0, 1.0, 1.0, 1.0, _number(stays.customers), 0), strict=True)), *points]


def _point(point: Point | None, time: float) -> dict[str, object]:
    """The curve at a duration of the user's; without numbers where nobody was watched so long."""
    if point is None:
        return {"time": _number(time)} | dict.fromkeys(("survival", "lower", "upper", "at_risk", "left_so_far"))
    return {
        "time": _number(time),
        "survival": point.survival,
        "lower": point.interval.low,
        "upper": point.interval.high,
        "at_risk": _number(point.at_risk),
        "left_so_far": _number(point.events),
    }


def _mean(one: Group, horizon: float) -> dict[str, object] | None:
    if one.mean is None:
        return None
    return {"horizon": _number(horizon), "mean": one.mean.value, "interval": _ends(one.mean.interval)}


def _habit(habit: Flattening) -> dict[str, object]:
    return {
        "since": _number(habit.since),
        "interval": _ends(habit.interval),
        "until": _number(habit.until),
        "p": habit.p,
        "verdict": habit.verdict,
        "steps": [{"since": _number(step.since), "hazard": step.hazard} for step in habit.steps],
    }


def _ends(interval: Any) -> list[object] | None:
    return [_number(interval.low), _number(interval.high)] if interval else None


def _for_people(found: Survival, times: list[float], duration: str, by: str | None) -> None:
    heads = [by] if by is not None else []
    names = [[one.name] if heads else [] for one in found.groups]
    named = list(zip(names, found.groups, strict=True))
    times = times or _ticks(max(float(one.curve.stays.durations[-1]) for one in found.groups))
    points = [[*name, *_shown(one.curve, time)] for name, one in named for time in times]
    table("", [*heads, duration, "still there", "from", "to", "at risk", "left so far"], points)
    people.print()
    sums = [[*name, *_summed(one)] for name, one in named]
    table("", [*heads, "customers", "left", "median", "from", "to", f"mean up to {found.horizon:g}"], sums)
    people.print()
    habits = [[*name, *_told(one.habit)] for name, one in named]
    table("", [*heads, "hazard", "habit since", "from", "to", f"left in {found.period:g}, before", "since"], habits)
    people.print()
    if by is not None:
        people.print(_compared(found))
    people.print(f"From and to are what may be, {found.groups[0].curve.level * 100:.12g}% sure.", style="dim")


def _shown(curve: Curve, time: float) -> list[object]:
    point = _point(curve.after(time), time)
    shares = [_percent(point[name], 1) for name in ("survival", "lower", "upper")]
    return [point["time"], *shares, point["at_risk"], point["left_so_far"]]


def _summed(one: Group) -> list[object]:
    stays, median = one.curve.stays, one.median
    ends = [_number(value) for value in (median.duration, median.low, median.high)]
    return [_number(stays.customers), _number(stays.events.sum()), *ends, one.mean.value if one.mean else None]


def _told(habit: Flattening) -> list[object]:
    """The time to habit and the hazards around it, or why there is none."""
    if habit.since is None or habit.interval is None:
        return [HAZARD[habit.verdict], None, None, None, None, None]
    place = next(place for place, step in enumerate(habit.steps) if step.since == habit.since)
    hazards = [_percent(step.hazard, 2) for step in habit.steps[place - 1 : place + 1]]
    said = HAZARD[habit.verdict] + (f" until {habit.until:g}" if habit.until is not None else "")
    return [said, _number(habit.since), *(_ends(habit.interval) or []), *hazards]


def _compared(found: Survival) -> str:
    if found.log_rank is None:
        return "Log-rank test: there are no two groups that could be seen to leave."
    one = found.log_rank
    p = f"p = {one.p:.4f}" if one.p >= 0.0001 else "p < 0.0001"
    return f"Log-rank test: χ² = {one.statistic:,.3f}, degrees of freedom {one.degrees}, {p}"


def _ticks(longest: float) -> list[float]:
    """Round durations up to the longest, and the longest."""
    if not longest:
        return [0.0]
    rough = longest / ROWS
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough)
    ticks = [float(f"{step * number:.12g}") for number in range(1, ROWS + 1) if step * number < longest]
    return [*ticks, longest]


def _percent(share: object, places: int) -> str | None:
    return f"{share:.{places}%}" if isinstance(share, float) else None


def _number(value: float | None) -> float | int | None:
    """A whole number without a point."""
    return int(value) if value is not None and float(value).is_integer() and abs(value) < 1e15 else value
