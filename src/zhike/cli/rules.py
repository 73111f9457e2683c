"""Commands that ask for a rule: its size, its members, what is special about them, lists made of them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from zhike.cli.output import Json, people, show, start, table
from zhike.errors import UserError

Rule = Annotated[
    str, typer.Argument(help='A rule such as: age >= 30 and has tag "rfm_segment" = "champions"; or in audience "NAME"')
]
Keep = Annotated[str, typer.Option("--name", help="Keep them as a frozen list of this name.")]
FINDINGS_SHOWN = 20


def add_commands(audience: typer.Typer) -> None:
    """Adds the commands of this module to those of audiences."""
    for command in (count, explain, profile, lookalikes, sample, freeze, split, export):
        audience.command(command.__name__)(command)


def count(rule: Rule, as_json: Json = False) -> None:
    """Count the customers for whom a rule holds."""
    start()
    from zhike.understand.audiences.queries import count_audience

    found = count_audience(rule)
    show(
        {**vars(found), "milliseconds": round(found.milliseconds, 3)},
        as_json=as_json,
        otherwise=lambda: people.print(
            f"{found.count:,} of {found.customers:,} customers ({found.share:.1%}), {found.milliseconds:.2f} ms"
        ),
    )


def explain(rule: Rule, as_json: Json = False) -> None:
    """Show what each condition of a rule does: alone, with those before it, and if it were left out."""
    start()
    from zhike.understand.audiences.queries import explain_rule

    found = explain_rule(rule)
    show(
        {**vars(found), "milliseconds": round(found.milliseconds, 3)},
        as_json=as_json,
        otherwise=lambda: table(
            f"{found.count:,} of {found.customers:,} customers ({found.share:.1%})",
            ["condition", "alone", "so far", "without it", "change"],
            [_step(step) for step in found.steps],
        ),
    )


def profile(
    rule: Rule,
    against: Annotated[str, typer.Option(help="Compare with the other customers of this rule, not everybody.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Also what may well be chance.")] = False,
    as_json: Json = False,
) -> None:
    """Show what a rule's customers have more of than others, and less."""
    start()
    from zhike.understand.audiences.comparing.sets import profile_audience

    found = profile_audience(rule, against=against or None)
    comparison = found.comparison
    listed = [one for one in comparison.findings if everything or one.is_distinct]
    document = {name: value for name, value in vars(found).items() if name != "comparison"}

    def for_people() -> None:
        table(
            f"{comparison.size:,} customers beside {comparison.other_size:,} others, {comparison.looks} looks",
            ["", "value", "share", "others", "difference", "times"],
            [_finding(one) for one in listed[:FINDINGS_SHOWN]],
        )
        more = len(listed) - FINDINGS_SHOWN
        if more > 0:
            people.print(f"and {more} more; --json has them all", style="dim")

    show({**document, **vars(comparison), "findings": listed}, as_json=as_json, otherwise=for_people)


def lookalikes(
    rule: Rule,
    size: Annotated[int, typer.Option(help="How many.")] = 1000,
    name: Keep = "",
    as_json: Json = False,
) -> None:
    """Find the customers who are most like those of a rule by their tags."""
    start()
    from zhike.understand.audiences.comparing.sets import look_alikes
    from zhike.understand.audiences.freezing import save_lookalikes

    found = look_alikes(rule, size=size)
    if name:
        save_lookalikes(name=name, alike=found)
    judged = found.separation
    document = {
        "count": len(found.members),
        "lowest_score": found.lowest_score,
        "seed_size": found.seed_size,
        "separation": judged and {**vars(judged), "held_out": found.held_out},
        "left_out": found.left_out,
        "weights": found.weights,
        "name": name,
    }

    def for_people() -> None:
        table(
            f"{len(found.members):,} customers like the {found.seed_size:,} of the rule",
            ["tag", "value", "weight", "share", "others"],
            [
                [one.tag, _band(one) or "(none)", one.weight, f"{one.share:.1%}", f"{one.other_share:.1%}"]
                for one in found.weights[:FINDINGS_SHOWN]
            ],
        )
        people.print(
            f"A member kept out of it scores higher than another customer in {judged.area:.1%} of cases "
            f"({judged.interval.low:.1%} to {judged.interval.high:.1%})."
            if judged
            else "Too few members to say how well this separates them from others."
        )

    show(document, as_json=as_json, otherwise=for_people)


def sample(
    rule: Rule,
    size: Annotated[int, typer.Option(help="How many.")] = 20,
    seed: Annotated[int, typer.Option(help="The same number draws the same customers.")] = 0,
    name: Keep = "",
    as_json: Json = False,
) -> None:
    """Draw customers of a rule at random, to look at or to keep."""
    start()
    from zhike.understand.audiences.freezing import sample_audience
    from zhike.understand.audiences.rows import SHOWN, sample_rows

    if name:
        _tell([sample_audience(name=name, rule=rule, size=size, seed=seed)], as_json=as_json)
        return
    drawn = sample_rows(rule, size=size, seed=seed)
    show(
        {"rows": drawn.rows, "total": drawn.total, "refresh_id": drawn.refresh_id},
        as_json=as_json,
        otherwise=lambda: table(
            f"{len(drawn.rows):,} of {drawn.total:,} customers",
            SHOWN,
            [[str(row["customer_id"]), *(row[column] for column in SHOWN[1:])] for row in drawn.rows],
        ),
    )


def freeze(
    rule: Rule,
    name: Annotated[str, typer.Option(help="Name of the list.")],
    note: Annotated[str, typer.Option(help="What it is for.")] = "",
    as_json: Json = False,
) -> None:
    """Keep the customers of a rule, as they are now, as a list for ever."""
    start()
    from zhike.understand.audiences.freezing import freeze_audience

    _tell([freeze_audience(name=name, rule=rule, note=note)], as_json=as_json)


def split(
    rule: Rule,
    name: Annotated[str, typer.Option(help="Lists are called “NAME: part”.")],
    share: Annotated[list[str] | None, typer.Option(help="A part at random and its share, as in A=90.")] = None,
    salt: Annotated[str, typer.Option(help="The same salt deals the same customers into the same parts.")] = "",
    by: Annotated[str, typer.Option(help="Tag or attribute whose values are the parts, as in tag:rfm_segment.")] = "",
    as_json: Json = False,
) -> None:
    """Split the customers of a rule into frozen lists, at random or by the values of a tag or attribute."""
    if bool(share) == bool(by):
        raise typer.BadParameter("give parts (--share A=90 --share B=10) or a tag or attribute (--by tag:NAME)")
    start()
    from zhike.understand.audiences.freezing import split_audience, split_by_value

    if by:
        parts = split_by_value(name=name, rule=rule, by=by)
    else:
        parts = split_audience(name=name, rule=rule, shares=dict(map(_share, share or ())), salt=salt)
    _tell(parts, as_json=as_json)


def export(
    rule: Rule,
    output: Annotated[Path, typer.Option("--output", "-o", help="The file: .csv, .xlsx or .parquet.")],
    columns: Annotated[str, typer.Option(help="Attributes to write, with commas.")] = "",
    as_json: Json = False,
) -> None:
    """Write the customers of a rule to a file, with some of their attributes."""
    start()
    from zhike.understand.audiences.rows import SHOWN, export_members

    wanted = [name.strip() for name in columns.split(",") if name.strip()] or SHOWN
    exported = export_members(rule, kind=output.suffix.removeprefix("."), columns=wanted)
    half = output.with_name(f".{output.name}.part")
    try:
        with half.open("wb") as file:
            file.writelines(exported.chunks)
        half.replace(output)
    except OSError as error:
        raise UserError(f"cannot be written: {error.strerror}", where=str(output)) from error
    finally:
        half.unlink(missing_ok=True)
    show(
        {"file": output, "rows": exported.rows},
        as_json=as_json,
        otherwise=lambda: people.print(f"{exported.rows:,} customers written to {output}.", markup=False),
    )


def _share(text: str) -> tuple[str, float]:
    part, _, share = text.partition("=")
    try:
        return part.strip(), float(share)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no part with a share; write A=90") from error


def _step(step: Any) -> list[object]:
    text = "  " * step.depth + f"{step.joined} {step.text}".strip()
    return [text, step.alone, step.so_far, step.without, f"{step.change:+,}" if step.change else "0"]


def _finding(one: Any) -> list[object]:
    interval = f"{one.difference:+.1%} ({one.low:+.1%} to {one.high:+.1%})"
    return [one.name, _band(one), f"{one.share:.1%}", f"{one.other_share:.1%}", interval, one.ratio]


def _band(one: Any) -> str:
    if one.lower is None:
        return str(one.value)
    low, high = (_border(one.kind, border) for border in (one.lower, one.upper))
    return low if low == high else f"{low} to {high}"


def _border(kind: str, border: float) -> str:
    if kind == "day":
        return str(date(1970, 1, 1) + timedelta(days=int(border)))
    if kind == "flag":
        return "yes" if border else "no"
    return f"{border:,.2f}".removesuffix(".00")


def _tell(lists: Any, *, as_json: bool) -> None:
    from zhike.understand.audiences.models import FrozenList

    sizes = dict(FrozenList.objects.filter(audience__in=lists).values_list("audience_id", "size"))
    shown = [{"audience_id": one.pk, "name": one.name, "count": sizes[one.pk]} for one in lists]
    show(
        {"lists": shown},
        as_json=as_json,
        otherwise=lambda: table("Frozen", ["name", "customers"], [[one["name"], one["count"]] for one in shown]),
    )
