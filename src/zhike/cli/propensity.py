"""Commands about who will do something: leave, lapse, buy."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zhike.cli.output import Json, aside, people, show, start, table

if TYPE_CHECKING:
    from zhike.understand.propensity.doubts import Doubt
    from zhike.understand.propensity.files import Asked
    from zhike.understand.propensity.judging import Fitted
    from zhike.understand.propensity.reasons import Reason
    from zhike.understand.propensity.scoring import Recipe, Scored

SHOWN = 10  # of columns, and of rows scored
FILE_HELP = "CSV, XLSX, JSON Lines or Parquet; gzip allowed."


@dataclass(frozen=True)
class Top:
    """A scored row, with why."""

    id: str
    probability: float
    reasons: list[Reason]


class Model(StrEnum):
    """The models by the names of the command line."""

    LOGISTIC = "logistic"
    BOOSTING = "boosting"


File = Annotated[Path, typer.Argument(help=FILE_HELP, metavar="FILE")]
Outcome = Annotated[str, typer.Option(help="Column that says who did: 1/0, yes/no, true/false.", metavar="COL")]
Positive = Annotated[
    str | None, typer.Option(help="Value of the outcome that counts, if it is not yes or no.", metavar="VALUE")
]
Name = Annotated[str | None, typer.Option("--id", help="Column that names a row.", metavar="COL")]
LeaveOut = Annotated[
    list[str] | None,
    typer.Option(help="Column not to learn from, as known only afterwards; may repeat.", metavar="COL"),
]
Time = Annotated[str | None, typer.Option(help="Column of the day of a row, with --until.", metavar="COL")]
Until = Annotated[
    datetime | None,
    typer.Option(help="Learn from rows up to this day, judge by later ones.", formats=["%Y-%m-%d"], metavar="DATE"),
]
Which = Annotated[Model, typer.Option("--model", help="What to fit.")]
Seed = Annotated[int, typer.Option(help="Another seed, other rows to judge by.", min=0, max=2**32 - 1)]
TestShare = Annotated[float, typer.Option(help="Share of the rows to judge by, without --time.", metavar="SHARE")]


def add_commands(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    propensity = typer.Typer(help="Who will leave, lapse or buy, and why.", no_args_is_help=True)
    propensity.command("fit")(fit)
    propensity.command("score")(score)
    app.add_typer(propensity, name="propensity")


def fit(
    file: File,
    outcome: Outcome,
    positive: Positive = None,
    name: Name = None,
    leave_out: LeaveOut = None,
    time: Time = None,
    until: Until = None,
    model: Which = Model.LOGISTIC,
    seed: Seed = 0,
    test_share: TestShare = 0.3333,
    as_json: Json = False,
) -> None:
    """Learn who did it from a part of a plain file, and judge that by the rest: later rows, or rows drawn."""
    start(needs_home=False)
    from zhike.understand.propensity.scoring import fit_file

    fitted = fit_file(file, *_asked(outcome, positive, name, leave_out, time, until, model, seed, test_share))
    _warn(fitted.doubts)
    show(_document(fitted), as_json=as_json, otherwise=lambda: _for_people(fitted))


def score(
    file: File,
    new: Annotated[Path, typer.Argument(help=f"Rows to score, with the same columns. {FILE_HELP}", metavar="NEW")],
    outcome: Outcome,
    positive: Positive = None,
    name: Name = None,
    leave_out: LeaveOut = None,
    time: Time = None,
    until: Until = None,
    model: Which = Model.LOGISTIC,
    seed: Seed = 0,
    test_share: TestShare = 0.3333,
    output: Annotated[
        Path | None, typer.Option("-o", help="CSV file for the scores of all rows.", metavar="FILE")
    ] = None,
    as_json: Json = False,
) -> None:
    """Learn who did it from one file, and say of each row of another how probable it is, and why."""
    start(needs_home=False)
    from zhike.understand.propensity.scoring import score_file, table_of, write_scores

    asked, recipe = _asked(outcome, positive, name, leave_out, time, until, model, seed, test_share)
    scored = score_file(file, new, asked, recipe)
    _warn(scored.fitted.doubts)
    if output is not None:
        write_scores(table_of(scored), output)
    document = _document(scored.fitted) | {"scored": len(scored.names), "top": _top(scored)}

    def for_people() -> None:
        _scored_for_people(scored, "id" if name else "row")
        if output is not None:
            people.print(f"Written to {output}.", style="dim")

    show(document, as_json=as_json, otherwise=for_people)


def _scored_for_people(scored: Scored, called: str) -> None:
    _judged_for_people(scored.fitted)
    people.print()
    rows = [
        [one.id, _percent(one.probability), "; ".join(_reason(reason) for reason in one.reasons)]
        for one in _top(scored)
    ]
    table("", [called, "chance", "because"], rows)
    people.print(f"{len(scored.names):,} rows scored; {scored.chances.sum():,.0f} are expected to.")


def _asked(
    outcome: str,
    positive: str | None,
    name: str | None,
    leave_out: list[str] | None,
    time: str | None,
    until: datetime | None,
    model: Model,
    seed: int,
    test_share: float,
) -> tuple[Asked, Recipe]:
    from zhike.understand.propensity.files import Asked
    from zhike.understand.propensity.scoring import Recipe

    asked = Asked(outcome, positive, name, tuple(leave_out or ()), time, until.date() if until else None)
    return asked, Recipe(model.value, seed, test_share)


def _warn(doubts: tuple[Doubt, ...]) -> None:
    for doubt in doubts:
        aside.print(doubt.text, style="yellow", markup=False, soft_wrap=True)


def _document(fitted: Fitted) -> dict[str, object]:
    judged = fitted.judged
    return {
        "model": fitted.model.name,
        "split": fitted.split,
        "auc": judged.auc,
        "auc_interval": [judged.auc_interval.low, judged.auc_interval.high],
        "brier": judged.brier,
        "brier_of_share": judged.brier_of_share,
        "expected": judged.expected,
        "events": fitted.split.events_judged_by,
        "lift_at_10": judged.lift.lift,
        "lift_at_10_interval": [judged.lift.interval.low, judged.lift.interval.high],
        "calibration": {"method": fitted.model.calibration, "tenths": judged.tenths},
        "gains": judged.gains,
        "importance": fitted.importances,
        "odds_ratios": fitted.odds,
        "warnings": [asdict(one) | {"text": one.text} for one in fitted.doubts],
    }


def _top(scored: Scored) -> list[Top]:
    """The rows of whom it is most probable."""
    first = sorted(range(len(scored.names)), key=lambda place: -scored.chances[place])[:SHOWN]
    return [Top(scored.names[place], float(scored.chances[place]), scored.reasons[place]) for place in first]


def _for_people(fitted: Fitted) -> None:
    _judged_for_people(fitted)
    people.print()
    heads = ["tenth", "rows", "predicted", "did", "from", "to"]
    rows = [
        [one.number, one.customers, *map(_percent, (one.predicted, one.actual, one.interval.low, one.interval.high))]
        for one in fitted.judged.tenths
    ]
    table("", heads, rows)
    people.print()
    caught = [[_percent(one.share), _percent(one.caught), one.lift] for one in fitted.judged.gains]
    table("", ["of the rows", "of those who did", "lift"], caught)
    people.print()
    matter = [[one.column, f"{one.auc_drop:.3f}"] for one in fitted.importances[:SHOWN]]
    table("", ["column", "AUC falls by, shuffled"], matter)
    if fitted.odds:
        people.print()
        odds = [
            [one.column, one.group or "one standard deviation more", one.odds_ratio, f"{one.low:.2f} to {one.high:.2f}"]
            for one in fitted.odds[:SHOWN]
        ]
        table("", ["column", "group", "odds times", "interval"], odds)


def _judged_for_people(fitted: Fitted) -> None:
    split, judged = fitted.split, fitted.judged
    rest = f"later than {split.until}" if split.until else "drawn at random"
    people.print(
        f"Learnt from {split.learnt_from:,} rows ({split.events_learnt_from:,} did), judged by {split.judged_by:,}"
        f" {rest} ({split.events_judged_by:,} did; {judged.expected:,.0f} were expected)."
    )
    people.print(f"AUC {judged.auc:.3f} ({judged.auc_interval.low:.3f} to {judged.auc_interval.high:.3f})")
    people.print(f"Brier {judged.brier:.4f}; {judged.brier_of_share:.4f} if everybody has the same chance")
    low, high = judged.lift.interval.low, judged.lift.interval.high
    people.print(f"Lift of the best tenth {judged.lift.lift:.2f} ({low:.2f} to {high:.2f})")


def _reason(one: Reason) -> str:
    return f"{one.column} = {one.cell or '–'} ({one.effect:+.2f})"


def _percent(share: float) -> str:
    return f"{share:.1%}"
