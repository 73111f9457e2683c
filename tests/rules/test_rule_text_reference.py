"""The page that documents the language says what it does, and all of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

import pytest
from tests.docs.documents import blocks
from tests.rules.documented import PAGE, examples, mistakes, page, vocabulary

from zhike.rules import limits, tree
from zhike.rules.check import checked, read_rule, read_tree
from zhike.rules.errors import RuleError
from zhike.rules.places import parts_of
from zhike.rules.text import parse, parse_rule, text_of


def nodes_of(node: tree.Node) -> Iterator[tree.Node]:
    yield node
    for _step, part in parts_of(node):
        yield from nodes_of(part)


def documented() -> list[tree.Node]:
    return [node for example in examples() for node in nodes_of(parse(example).tree)]


@pytest.mark.parametrize("example", examples())
def test_an_example_is_a_rule_that_means_something(example: str) -> None:
    parsed = parse(example)
    checked(parsed.tree, vocabulary(), spans=parsed.spans)
    assert parse(text_of(parsed.tree)).tree == parsed.tree


@pytest.mark.parametrize(("written", "said"), mistakes())
def test_a_documented_mistake_is_answered_as_documented(written: str, said: str) -> None:
    with pytest.raises(RuleError) as refused:
        read_rule(written, vocabulary())
    assert str(refused.value).replace("\n", " ") == said


def test_the_documented_tree_is_that_of_its_text() -> None:
    (block,) = [block for block in blocks(PAGE) if block.language == "json"]
    text = page().split("```json")[0].rsplit("`", 2)[1].replace("\n", " ")
    assert read_tree(block.text, vocabulary()) == parse_rule(text)


def test_every_kind_of_part_has_an_example() -> None:
    kinds = {part for part in vars(tree).values() if isinstance(part, type) and issubclass(part, tree.Node)}
    assert {kind.__name__ for kind in kinds - {tree.Node} - {type(node) for node in documented()}} == set()


@pytest.mark.parametrize(
    ("part", "field"),
    [
        (tree.Compare, "operator"),
        (tree.Matches, "operator"),
        (tree.Arithmetic, "operator"),
        (tree.DaysBetween, "direction"),
        (tree.Within, "direction"),
        (tree.Calendar, "which"),
        (tree.Related, "quantifier"),
        (tree.Aggregate, "function"),
        (tree.Last, "unit"),
    ],
)
def test_everything_that_can_be_chosen_has_an_example(part: type[tree.Node], field: str) -> None:
    annotation = part.model_fields[field].annotation
    choices = set(get_args(annotation)) or set(annotation)  # type: ignore[arg-type]
    assert choices - {getattr(node, field) for node in documented() if isinstance(node, part)} == set()


@pytest.mark.parametrize("word", [*tree.Function, "ever", *get_args(tree.Matches.model_fields["operator"].annotation)])
def test_every_function_and_comparison_is_explained(word: str) -> None:
    assert [line for line in page().splitlines() if line.startswith("|") and f"`{word}`" in line.split("|")[1]]


def test_every_limit_is_documented() -> None:
    most = {name: value for name, value in vars(limits).items() if name.startswith(("MOST_", "DEEPEST"))}
    rows = [line for line in page().split("## Limits")[1].split("##")[0].splitlines() if line.startswith("|")]
    documented_limits = sorted(int(row.strip("| ").split("|")[1]) for row in rows[2:])
    assert documented_limits == sorted(value for value in most.values() if isinstance(value, int))
