"""Commands about the quality of the data: the board, its rules, reviews, and agents who have left."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from zhike.cli.output import Json, people, show, start, table

if TYPE_CHECKING:
    from zhike.collect.quality.places import Place
    from zhike.collect.quality.queries import Board
    from zhike.collect.quality.reviewing.results import Results, Reviewed

By = Annotated[str, typer.Option(help="Cut by unit, channel, source or agent.")]
Unit = Annotated[str, typer.Option(help="Only customers of this org unit and those below it.")]
Channel = Annotated[str, typer.Option(help="Only customers of this sales channel.")]
Source = Annotated[str, typer.Option(help="Only customers whose record is of this source.")]
Agent = Annotated[str, typer.Option(help="Only customers whom this member of staff looks after.")]
RuleName = Annotated[str, typer.Argument(help="Name of the rule.")]
CampaignId = Annotated[int, typer.Argument(help="Number of the review.")]
File = Annotated[Path, typer.Argument(help="YAML file of rules.")]


def add_commands(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    quality = typer.Typer(help="How good the data are, against targets.", no_args_is_help=True)
    quality.command("board")(board)
    quality.command("departed")(departed)
    rules = typer.Typer(help="What a good value is.", no_args_is_help=True)
    for name, command in (
        ("list", list_rules),
        ("show", show_rule),
        ("export", export),
        ("import", import_),
        ("retire", retire),
        ("restore", restore),
    ):
        rules.command(name)(command)
    quality.add_typer(rules, name="rules")
    review = typer.Typer(help="Customers whose data somebody looks at.", no_args_is_help=True)
    review.command("create")(create)
    review.command("list")(list_reviews)
    review.command("show")(show_review)
    review.command("close")(close)
    quality.add_typer(review, name="review")
    app.add_typer(quality, name="quality")


def board(
    by: By = "",
    unit: Unit = "",
    channel: Channel = "",
    source: Source = "",
    agent: Agent = "",
    as_json: Json = False,
) -> None:
    """Show completeness, accuracy, uniqueness, freshness and contactability against their targets."""
    start()
    from zhike.collect.quality.places import Place
    from zhike.collect.quality.queries import board as board_of
    from zhike.collect.quality.queries import groups, trend

    place = Place(unit=unit, channel=channel, source=source, agent=agent)
    found = board_of(place)
    cut = groups(by, place) if by else ()

    def for_people() -> None:
        _tell(found)
        if by:
            shares = [[one.key, one.customers, *map(_share, one.shares.values())] for one in cut]
            table(f"\nBy {by}", [by, "customers", *(kpi.dimension for kpi in found.kpis)], shares)

    document = {
        "as_of": found.as_of,
        "refresh_id": found.refresh_id,
        "customers": found.customers,
        "kpis": [{**vars(kpi), "is_on_target": kpi.is_on_target} for kpi in found.kpis],
        "rules": [_figure(one) for one in found.rules],
        "by": by,
        "groups": cut,
        "trend": trend(place),
    }
    show(document, as_json=as_json, otherwise=for_people)


def _tell(found: Board) -> None:
    people.print(f"{found.customers:,} customers, as of {found.as_of}")
    rows = [
        [kpi.dimension, _share(kpi.share) or "not measured", _share(kpi.target), _sign(kpi.is_on_target), kpi.basis]
        for kpi in found.kpis
    ]
    table("", ["figure", "share", "target", "", "by"], rows)
    lacking = [one for one in found.rules if one.lacking]
    columns = ["rule", "about", "fulfilled", "target", "fail", "lack"]
    cells = [
        [one.rule.name, one.rule.dimension, _share(one.share), _share(one.rule.target), one.failing, one.lacking]
        for one in lacking
    ]
    table("\nBelow their target", columns, cells) if cells else people.print("Every rule is on its target.")


def _figure(one: Any) -> dict[str, object]:
    same = ("name", "dimension", "weight", "target", "version")
    counts = {"applies": one.applies, "good": one.good, "failing": one.failing, "lacking": one.lacking}
    return {name: getattr(one.rule, name) for name in same} | counts | {"share": one.share}


def _share(value: float | None) -> str | None:
    return None if value is None else f"{value:.1%}"


def _sign(is_on_target: bool | None) -> str:
    return "" if is_on_target is None else "✓" if is_on_target else "✗"


def departed(unit: Unit = "", as_json: Json = False) -> None:
    """List the members of staff who have left and still have customers."""
    start()
    from zhike.collect.quality.departed import departed_agents

    found = departed_agents(_place(unit))
    rows = [[one.member.staff_id, one.member.name, one.member.unit_id, one.left_on, one.customers] for one in found]
    show(
        {"departed": found},
        as_json=as_json,
        otherwise=lambda: table("", ["staff_id", "name", "unit", "left on", "customers"], rows),
    )


def _place(unit: str) -> Place:
    from zhike.collect.quality.places import Place

    return Place(unit=unit)


def list_rules(as_json: Json = False) -> None:
    """List the rules with how many fulfil them, those that lack most customers first."""
    start()
    from zhike.collect.quality.queries import board as board_of

    found = board_of().rules
    columns = ["rule", "about", "applies to", "fulfilled", "target", "fail"]
    rows = [
        [one.rule.name, one.rule.dimension, one.applies, _share(one.share), _share(one.rule.target), one.failing]
        for one in found
    ]
    show({"rules": [_figure(one) for one in found]}, as_json=as_json, otherwise=lambda: table("", columns, rows))


def show_rule(name: RuleName, as_json: Json = False) -> None:
    """Show one rule: what it says, its versions, and the rule of those who fail it."""
    start()
    from zhike.collect.quality.defining.services import rule_named, text_of_rule
    from zhike.collect.quality.definitions import definition_of

    rule = rule_named(name)
    text, failing = text_of_rule(rule), definition_of(rule).failing_text
    versions = [{"number": one.number, "created_at": one.created_at, "note": one.note} for one in rule.versions.all()]

    def for_people() -> None:
        people.print(f"[bold]{escape(rule.title)}[/bold]  {rule.name}, {rule.dimension}, version {rule.version}")
        people.print(f"of whom: {text.applies or 'everybody'}", markup=False)
        people.print(f"good:    {text.good}", markup=False, style="green")
        people.print(f"target {text.target:.0%}, weight {text.weight}" + (", retired" if rule.retired_at else ""))
        people.print(f"\nWho fail: zhike audience count '{failing}'", markup=False)

    document = {**text.model_dump(), "version": rule.version, "retired_at": rule.retired_at}
    show({**document, "failing": failing, "versions": versions}, as_json=as_json, otherwise=for_people)


def export(
    file: Annotated[Path, typer.Argument(help="YAML file to write.")],
    rule: Annotated[list[str] | None, typer.Option(help="Only this rule; may be repeated.")] = None,
    as_json: Json = False,
) -> None:
    """Write the rules to a YAML file, to be kept, reviewed, changed and imported again."""
    start()
    from zhike.collect.quality.defining.services import export_rules

    count = export_rules(file, names=tuple(rule or ()))
    show({"file": file, "rules": count}, as_json=as_json, otherwise=lambda: people.print(f"{count:,} rules in {file}"))


def import_(
    file: File,
    note: Annotated[str, typer.Option(help="What is new, for the history.")] = "",
    as_json: Json = False,
) -> None:
    """Make the rules of a YAML file those of the installation, all or none; others stay as they are."""
    start()
    from zhike.collect.quality.defining.files import read_rules
    from zhike.collect.quality.defining.services import take_rules

    done = take_rules(read_rules(file), note=note)

    def for_people() -> None:
        for what, names in vars(done).items():
            if names and what != "unchanged":
                people.print(f"{what}: {', '.join(names)}")
        people.print(f"{len(done.unchanged):,} were as they are already.", style="dim")

    show(vars(done), as_json=as_json, otherwise=for_people)


def retire(name: RuleName, as_json: Json = False) -> None:
    """Retire a rule: it is not counted from the next refresh on."""
    start()
    from zhike.collect.quality.defining.services import retire_rule

    rule = retire_rule(name=name)
    show({"name": rule.name}, as_json=as_json, otherwise=lambda: people.print(f"Rule {rule.name} is retired."))


def restore(name: RuleName, as_json: Json = False) -> None:
    """Bring a retired rule back."""
    start()
    from zhike.collect.quality.defining.services import restore_rule

    rule = restore_rule(name=name)
    show({"name": rule.name}, as_json=as_json, otherwise=lambda: people.print(f"Rule {rule.name} is there again."))


def create(
    name: Annotated[str, typer.Argument(help="What it is called.")],
    field: Annotated[list[str], typer.Option(help="A field to look at, such as phone; may be repeated.")],
    size: Annotated[int | None, typer.Option(help="How many customers; else as many as the interval takes.")] = None,
    half_width: Annotated[float, typer.Option(help="How far the interval may reach to either side.")] = 0.05,
    by: Annotated[str, typer.Option(help="Draw from each unit_id, channel or source.")] = "",
    rule: Annotated[str, typer.Option(help="Only among the customers of this rule.")] = "",
    group: Annotated[bool, typer.Option("--group", help="All customers of the rule, instead of a sample.")] = False,
    unit: Unit = "",
    seed: Annotated[int | None, typer.Option(help="The same seed draws the same customers.")] = None,
    target: Annotated[float, typer.Option(help="What share should be right.")] = 0.8,
    due: Annotated[str, typer.Option(help="To be done by, such as 2026-12-31.")] = "",
    as_json: Json = False,
) -> None:
    """Plan a review: draw customers and give them to their agents as work."""
    start()
    from zhike.collect.quality.reviewing.planning import Wanted, day_said, plan_campaign

    campaign = plan_campaign(
        Wanted(
            name=name,
            fields=field,
            kind="group" if group else "sample",
            rule=rule,
            unit=unit,
            size=size,
            half_width=half_width,
            stratified_by=by,
            seed=seed,
            target=target,
            due_on=day_said(due),
        )
    )
    count = campaign.items.count()
    show(
        {"review_id": campaign.pk, "customers": count, "seed": campaign.seed, "population": campaign.population},
        as_json=as_json,
        otherwise=lambda: people.print(f"Review {campaign.pk}: {count:,} customers are to be looked at."),
    )


def list_reviews(as_json: Json = False) -> None:
    """List the reviews, newest first."""
    start()
    from zhike.collect.quality.reviewing.queries import campaigns

    found = [
        {
            "review_id": one.pk,
            "name": one.name,
            "kind": one.kind,
            "state": one.state,
            "customers": one.item_count,
            "done": one.done_count,
            "due_on": one.due_on,
        }
        for one in campaigns()
    ]
    show(
        {"reviews": found},
        as_json=as_json,
        otherwise=lambda: table(
            "", ["id", "name", "whom", "state", "customers", "looked at", "due"], [list(one.values()) for one in found]
        ),
    )


def show_review(review_id: CampaignId, as_json: Json = False) -> None:
    """Show what came of a review, by field, org unit and agent."""
    start()
    from zhike.collect.quality.reviewing.results import results
    from zhike.collect.quality.reviewing.services import campaign_of

    campaign = campaign_of(review_id)
    found = results(campaign)
    show(
        {"review_id": campaign.pk, "name": campaign.name, "state": campaign.state, "results": found},
        as_json=as_json,
        otherwise=lambda: _tell_results(campaign.name, found),
    )


def _tell_results(name: str, found: Results) -> None:
    people.print(f"[bold]{escape(name)}[/bold]  {found.done:,} of {found.items:,} customers looked at")
    people.print(f"right: {_reviewed(found.reviewed) or 'not measured yet'}")
    table("", ["field", "judged", "right"], [[o.field, o.reviewed.fields, _reviewed(o.reviewed)] for o in found.fields])
    for title, standings in (("unit", found.units), ("agent", found.agents)):
        rows = [[one.key, one.done, one.items, _reviewed(one.reviewed), one.standing] for one in standings]
        table(f"\nBy {title}", [title, "looked at", "customers", "right", "target"], rows)


def _reviewed(found: Reviewed) -> str | None:
    if found.share is None:
        return None
    return f"{found.share.share:.1%} ({found.share.interval.low:.1%}–{found.share.interval.high:.1%})"


def close(review_id: CampaignId, as_json: Json = False) -> None:
    """Close a review: nothing is added to it any more."""
    start()
    from zhike.collect.quality.reviewing.services import close_campaign

    campaign = close_campaign(campaign_id=review_id)
    show(
        {"review_id": campaign.pk, "state": campaign.state},
        as_json=as_json,
        otherwise=lambda: people.print(f"Review {campaign.pk} is closed."),
    )
