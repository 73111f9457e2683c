"""Writes the generated part of the reference: `python -m docs.generate`.

Each function below gives the text of one file. docs/reference/mappings.md is written by hand
except between its `<!-- generated … -->` and `<!-- end -->` marks.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from docs.api import operations
from docs.markdown import REFERENCE, escaped, page, table, unit_of, with_parts
from docs.rules import rules


def settings() -> str:
    """Every setting, from the tuple that defines it."""
    from zhike.installation import SETTINGS

    rows = [
        [
            "" if s.name == "home" else f"`{s.name}`",
            f"`{s.variable}`",
            f"`{s.default}`" if s.default else "",
            s.doc + " Secret." * s.is_secret,
        ]
        for s in SETTINGS
    ]
    return page(
        "Settings",
        "From the environment first, then from `zhike.toml` in the home (all but `home`), then the default. "
        "How to: [Change settings](../how-to/change-settings.md).",
        table(["in zhike.toml", "environment", "default", "meaning"], rows),
    )


def commands() -> str:
    """Every command, from the program itself."""
    parts = [
        "Every command prints for people, with progress on stderr; with `--json` it prints one JSON document "
        "on stdout.\n\n"
        "It exits with 0 when done, 1 for something the user can mend, 2 for wrong usage, 3 when interrupted (the same "
        "command continues) and 4 for a bug."
    ]
    for words, command in every_command():
        arguments = [p for p in command.params if p.param_type_name == "argument"]
        named = [p.name.upper() if p.required else f"[{p.name.upper()}]" for p in arguments]
        usage = [*words, *named, *(["[OPTIONS]"] if len(command.params) > len(arguments) else [])]
        rows = [[f"`{_spelt(p)}`", escaped(getattr(p, "help", None) or "")] for p in command.params]
        parts += [f"## {' '.join(words)}", command.help or "", f"`{' '.join(usage)}`"]
        if rows:
            parts.append(table(["", "meaning"], rows))
    return page("Commands", *parts)


def every_command() -> Iterator[tuple[list[str], Any]]:
    """The words of each command and what Typer made of it."""
    import typer.main

    from zhike.cli.main import app

    def below(words: list[str], command: Any) -> Iterator[tuple[list[str], Any]]:
        if not hasattr(command, "commands") or command.invoke_without_command:
            yield words, command
        for name, inner in getattr(command, "commands", {}).items():
            yield from below([*words, name], inner)

    return below(["zhike"], typer.main.get_command(app))


def _spelt(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return str(parameter.name.upper())
    value = "" if parameter.is_flag else " VALUE" * max(1, parameter.nargs)
    default = parameter.default
    shown = f" (default {default})" if isinstance(default, (int, str)) and default not in ("", False, True) else ""
    return ", ".join(parameter.opts) + value + shown


def entities() -> str:
    """Every table, from its contract."""
    from zhike.warehouse.entities import ENTITIES, REJECTS
    from zhike.warehouse.tables import refresh_steps

    computed = [contract for step in refresh_steps() for contract in step.writes]
    return page(
        "Entities",
        "Every table of the warehouse, as its contract states it. `collected` tables hold what sources delivered, "
        "every version of every row; `computed` tables hold what a refresh made of it. Units in brackets. A column "
        "marked *personal* identifies or describes a person. A row that fails a check is rejected by the import.",
        "Kinds: text; integer (64 bits); decimal (18 digits, 4 after the point); number (double); boolean; date; "
        "instant (microseconds, UTC); json (text that holds one JSON document); binary.",
        "# Collected",
        "What `--as` takes, and the rejects.",
        *(_contract(contract) for contract in (*ENTITIES.values(), REJECTS)),
        "# Computed",
        *(_contract(contract) for contract in computed),
    )


def _contract(contract: Any) -> str:
    layout = [f"one row is {contract.grain}", f"key: {', '.join(f'`{name}`' for name in contract.key)}"]
    if contract.partition_by:
        layout.append(f"partitioned by {', '.join(f'`{name}`' for name in contract.partition_by)}")
    if contract.by_customer:
        layout.append("sharded by ranges of `customer_id`")
    if contract.sorted_by:
        layout.append(f"sorted by {', '.join(f'`{name}`' for name in contract.sorted_by)}")
    rows = [[f"`{c.name}`", c.kind.value, escaped(c.doc + unit_of(c)), escaped(_checks(c))] for c in contract]
    return f"## {contract.table}\n\n{'; '.join(layout)}.\n\n" + table(["column", "kind", "meaning", "checks"], rows)


def _checks(column: Any) -> str:
    said = {
        "required": column.required,
        "personal": column.personal,
        f"at least {column.minimum}": column.minimum is not None,
        "not in the future": column.past,
        f"default `{column.default}`": column.default is not None,
        f"the day of `{column.day_of}`": bool(column.day_of),
        f"one of {', '.join(column.one_of)}": bool(column.one_of),
    }
    return "; ".join(text for text, holds in said.items() if holds)


def measures() -> str:
    """Every measure, from its signature and docstring."""
    parts = [
        "Pure functions from Ibis tables to an Ibis table or value. A refresh computes with them; so may a notebook."
    ]
    for module in measure_modules():
        parts.append(f"## {module.__name__}")
        for function in public_functions(module):
            signature = re.sub(r"(: |-> )'([^']*)'", r"\1\2", str(inspect.signature(function)))
            signature = re.sub(r"\b(?:\w+\.)+(\w+)", r"\1", signature)
            parts += [f"### {function.__name__}", f"`{function.__name__}{signature}`", inspect.getdoc(function) or ""]
    return page("Measures", *parts)


def measure_modules() -> Iterator[ModuleType]:
    """Every module called `measures`."""
    import zhike

    for found in sorted(pkgutil.walk_packages(zhike.__path__, "zhike."), key=lambda module: module.name):
        if found.name.endswith(".measures"):
            yield importlib.import_module(found.name)


def public_functions(module: ModuleType) -> list[Callable[..., Any]]:
    """The functions a module defines for others, in the order of its text."""
    own = [f for _, f in inspect.getmembers(module, inspect.isfunction) if f.__module__ == module.__name__]
    return sorted((f for f in own if not f.__name__.startswith("_")), key=lambda f: f.__code__.co_firstlineno)


def tags() -> str:
    """The tags that come with Zhike, by theme, and the segment of every pair of scores."""
    from zhike.understand.tags.defining.shipped import library
    from zhike.understand.tags.models import Tag
    from zhike.understand.tags.wording.themes import THEMES

    kinds = dict(Tag.Kind.choices)
    by_theme: dict[str, list[list[str]]] = {theme: [] for theme in THEMES}
    for name, file in library().items():
        text = file.text
        values = ", ".join(f"`{value.value}`" for value in text.values)
        kind = str(kinds[text.kind]) + (f": {values}" if values else "")
        by_theme[text.theme].append([f"`{name}`", text.title, text.title_zh, escaped(text.doc), escaped(kind)])
    parts = []
    for theme, rows in by_theme.items():
        if rows:
            parts += [f"## {theme}", table(["tag", "title", "中文", "meaning", "kind"], rows)]
    return page(
        "Tags",
        'A tag is a named statement about customers. `zhike audience count \'has tag "NAME" = "VALUE"\'` counts those '
        "who have it; without a value, all who have any. These come with Zhike; `zhike tags show NAME` says the rule. "
        "How to: [Define a tag](../how-to/define-a-tag.md).",
        *parts,
        "## Segments",
        "`rfm_segment` by the scores of recency (down) and frequency (across), each from 1 to 5 "
        "([measures](measures.md)).",
        table(["", *map(str, range(1, 6))], ([score, *_segments(score)] for score in range(5, 0, -1))),
    )


def _segments(recency: int) -> list[str]:
    import ibis

    from zhike.understand.value.measures import rfm_segment

    scores = ibis.memtable({"recency": [recency] * 5, "frequency": [1, 2, 3, 4, 5]})
    segment = rfm_segment(scores.recency, scores.frequency)
    return [
        f"`{name}`" for name in scores.mutate(segment=segment).order_by("frequency").to_pyarrow()["segment"].to_pylist()
    ]


def refresh() -> str:
    """Every step of a refresh, from the list that a refresh works through."""
    from zhike.warehouse.tables import refresh_steps

    rows = []
    for place, step in enumerate(refresh_steps(), start=1):
        read, written = ([f"`{c.table}`" for c in tables] for tables in (step.reads, step.writes))
        how = "one range of customers after the other" if step.by_shard else "all customers at once"
        if step.allocates_customers:
            how += "; adds to its table"
        rows.append([place, f"`{step.name}`", ", ".join(read), ", ".join(written), how])
    return page(
        "Steps of a refresh",
        "A refresh carries these out in order, records each when it is done, and moves the pointer at the end. One "
        "that was interrupted goes on after the last recorded step. On a cluster every step runs for all customers at "
        "once. The tables: [entities](entities.md).",
        table(["", "step", "reads", "writes", "on one machine"], rows),
    )


def mappings() -> str:
    """The hand-written page, its generated parts anew."""
    return with_parts("mappings.md", {"parts": _mapping_parts, "required": _required_columns})


def _mapping_parts() -> str:
    from zhike.collect.sources import mapping

    parts = (
        *(mapping.Mapping, mapping.Format),
        *(mapping.FromColumn, mapping.Constant, mapping.Join, mapping.Multiply, mapping.OccurrenceOf),
        *(mapping.RejectRule, mapping.Test),
    )
    rows = [
        [part.__doc__.split("\n")[0] if place == 0 else "", f"`{field.alias or name}`", _type(field)]
        for part in parts
        for place, (name, field) in enumerate(part.model_fields.items())
    ]
    return table(["part", "key", ""], rows)


def _type(field: Any) -> str:
    return "required" if field.is_required() else ""


def _required_columns() -> str:
    from zhike.collect.sources.mapping import mappable
    from zhike.warehouse.entities import ENTITIES

    rows = []
    for name, contract in ENTITIES.items():
        wanted = [c.name for c in contract if c.required and c.default is None and c.name in mappable(contract)]
        rows.append([f"`{name}`", ", ".join(f"`{column}`" for column in wanted)])
    return table(["entity", "columns a mapping must give"], rows)


PAGES: dict[str, Callable[[], str]] = {
    "settings.md": settings,
    "commands.md": commands,
    "entities.md": entities,
    "mappings.md": mappings,
    "rules.md": rules,
    "measures.md": measures,
    "tags.md": tags,
    "refresh.md": refresh,
    "api.md": operations,
}


def main() -> None:
    """Writes every page whose text has changed."""
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhike.config.settings")
    import django

    django.setup()
    for name, write in PAGES.items():
        text, path = write(), REFERENCE / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"docs/reference/{name}", file=sys.stderr)


if __name__ == "__main__":
    main()
