"""What each condition of a rule does, against the rule written without it."""

from __future__ import annotations

from functools import reduce

from hypothesis import given, settings
from hypothesis import strategies as some
from pyroaring import BitMap

from zhike.rules.tree import All, Any, Condition, HasTag, Not
from zhike.understand.audiences.comparing.overlap import exclusive_parts
from zhike.understand.audiences.explaining import Step, steps_of

EVERYBODY = frozenset(range(30))
Sets = dict[str, frozenset[int]]

names = some.sampled_from("abcde")
leaves = names.map(lambda name: HasTag(tag=name))
trees = some.recursive(
    leaves,
    lambda inner: some.one_of(
        inner.map(lambda one: Not(of=one)),
        some.lists(inner, min_size=2, max_size=4).map(lambda of: All(of=tuple(of))),
        some.lists(inner, min_size=2, max_size=4).map(lambda of: Any(of=tuple(of))),
    ),
    max_leaves=8,
)
sets = some.fixed_dictionaries({name: some.frozensets(some.sampled_from(sorted(EVERYBODY))) for name in "abcde"})


def holds(tree: Condition | None, having: Sets) -> frozenset[int]:
    """For whom a rule holds; for everybody where there is none."""
    match tree:
        case None:
            return EVERYBODY
        case HasTag():
            return having[tree.tag]
        case Not():
            return EVERYBODY - holds(tree.of, having)
        case All():
            return reduce(frozenset.__and__, (holds(one, having) for one in tree.of))
        case Any():
            return reduce(frozenset.__or__, (holds(one, having) for one in tree.of))
    raise AssertionError(tree)


def part(tree: Condition, path: tuple[str | int, ...]) -> Condition:
    return reduce(lambda node, step: node[step] if isinstance(step, int) else getattr(node, step), path, tree)  # type: ignore[arg-type, return-value]


def changed(tree: Condition, path: tuple[str | int, ...], *, end: bool) -> Condition | None:
    """The rule without the part at the path; with `end`, only what comes after it is left out."""
    if not path:
        return tree if end else None
    if isinstance(tree, Not):
        inner = changed(tree.of, path[1:], end=end)
        return None if inner is None else Not(of=inner)
    assert isinstance(tree, All | Any)
    place = path[1]
    assert isinstance(place, int)
    inner = changed(tree.of[place], path[2:], end=end)
    kept = (*tree.of[:place], *([inner] if inner else []), *(() if end else tree.of[place + 1 :]))
    if not kept:
        return None
    return kept[0] if len(kept) == 1 else type(tree)(of=kept)


@settings(deadline=None)
@given(trees, sets)
def test_a_condition_is_explained_by_the_rule_without_it(tree: Condition, having: Sets) -> None:
    steps = steps_of(tree, lambda leaf: BitMap(holds(leaf, having)), BitMap(EVERYBODY))
    size = len(holds(tree, having))
    for step in steps:
        assert step.alone == len(holds(part(tree, step.path), having))
        assert step.so_far == len(holds(changed(tree, step.path, end=True), having))
        without = len(holds(changed(tree, step.path, end=False), having))
        assert (step.without, step.change) == (without, size - without)
    assert steps[-1].so_far == size


def test_groups_are_read_in_their_order() -> None:
    tree = All(of=(HasTag(tag="a"), Not(of=Any(of=(HasTag(tag="b"), Not(of=HasTag(tag="c")))))))
    having = {"a": frozenset({1, 2, 3}), "b": frozenset({2}), "c": frozenset({1, 2})}
    steps = steps_of(tree, lambda leaf: BitMap(holds(leaf, having)), BitMap(range(5)))
    assert steps == (
        Step(("of", 0), 'has tag "a"', 0, "", False, 3, 3, 1, 0),
        Step(("of", 1), 'not (has tag "b" or not has tag "c")', 0, "and", True, 1, 1, 3, -2),
        Step(("of", 1, "of", "of", 0), 'has tag "b"', 1, "", False, 1, 2, 2, -1),
        Step(("of", 1, "of", "of", 1), 'not has tag "c"', 1, "or", False, 3, 1, 2, -1),
    )


def test_one_condition_is_asked_once() -> None:
    asked = []

    def members(leaf: Condition) -> BitMap:
        asked.append(leaf)
        return BitMap([1])

    one = HasTag(tag="a")
    steps_of(Any(of=(one, All(of=(HasTag(tag="a"), HasTag(tag="b"))))), members, BitMap(range(3)))
    assert asked == [one, HasTag(tag="b")]


@given(some.lists(some.sets(some.integers(0, 60)), min_size=1, max_size=8))
def test_the_parts_of_an_overlap_are_everybody_once(chosen: list[set[int]]) -> None:
    parts = dict(exclusive_parts([BitMap(one) for one in chosen]))
    expected: dict[tuple[int, ...], int] = {}
    for customer in set().union(*chosen):
        places = tuple(place for place, one in enumerate(chosen) if customer in one)
        expected[places] = expected.get(places, 0) + 1
    assert parts == expected
