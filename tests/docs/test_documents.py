"""Every fenced block of every document is carried out, and prints what it shows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.docs.documents import LANGUAGES, ROOT, Block, blocks, documents, name_of, needs
from tests.docs.session import Session, is_as_shown
from tests.docs.surroundings import Surroundings, object_store, postgresql, server, small_shop, source_tree

# What a test cannot do, and how often it may be said. Anything else is a block that runs.
NOT_RUN = {
    "builds the environment that runs this test": 3,
    "runs the tests": 3,
    "never ends": 2,
    "a Spark cluster": 3,
}
WITH_BLOCKS = [document for document in documents() if any(blocks(document))]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, commands: Path) -> Surroundings:
    """One installation with a refresh in force, for the documents that only read."""
    return small_shop(tmp_path_factory.mktemp("shop"), commands)


@pytest.fixture
def session(request: pytest.FixtureRequest, tmp_path: Path, commands: Path) -> Iterator[Session]:
    """A folder for one document, with what it asks for."""
    provided: dict[str, Callable[[], Surroundings]] = {
        "shared_data": lambda: Surroundings({"SHARED_DATA": str(request.getfixturevalue("shared_data"))}),
        "no_linking": lambda: Surroundings({"ZHIKE_LINKING": "no"}),  # of a thousand people made up alike
        "shop": lambda: request.getfixturevalue("shop"),
        "source_tree": lambda: source_tree(tmp_path),
        "server": lambda: server(tmp_path, commands, request.addfinalizer),
        "postgresql": lambda: postgresql(tmp_path, request.addfinalizer),
        "object_store": lambda: object_store(request.addfinalizer),
    }
    environ: dict[str, str] = {}
    stand_ins: dict[str, str] = {}
    for need in needs(request.getfixturevalue("document")):
        given = provided[need]()
        environ |= given.environ
        stand_ins |= given.stand_ins
    if not (tmp_path / "docs").exists():
        (tmp_path / "docs").symlink_to(ROOT / "docs")
    session = Session(tmp_path, commands=commands, environ=environ, stand_ins=stand_ins)
    yield session
    session.close()


@pytest.mark.parametrize("document", WITH_BLOCKS, ids=name_of)
def test_a_document_does_what_it_says(document: Path, session: Session) -> None:
    meant = [block for block in blocks(document) if not block.no_run]
    for block in meant:
        session.carry_out(block)
    assert session.done == meant


@pytest.mark.parametrize("document", WITH_BLOCKS, ids=name_of)
def test_blocks_are_in_a_language_that_is_carried_out(document: Path) -> None:
    assert {block.language for block in blocks(document)} <= LANGUAGES


def test_only_what_a_test_cannot_do_is_left_out() -> None:
    left_out = Counter(block.no_run for document in WITH_BLOCKS for block in blocks(document) if block.no_run)
    assert left_out == NOT_RUN


@pytest.mark.parametrize("document", documents(), ids=name_of)
def test_links_lead_somewhere(document: Path) -> None:
    text = re.sub(r"(?ms)^```.*?^```", "", document.read_text(encoding="utf-8"))
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)|src=\"([^\"]+)\"", text)
    local = [target for pair in targets for target in pair if target and "://" not in target]
    assert [target for target in local if not (document.parent / target).exists()] == []


def test_every_document_can_be_reached_from_the_index() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    own = [name_of(document).removeprefix("docs/") for document in documents() if name_of(document).startswith("docs/")]
    assert [name for name in own if name != "index.md" and f"({name})" not in index] == []


def test_an_ellipsis_stands_for_lines_or_for_a_part_of_one() -> None:
    assert is_as_shown("a\nb\nc 1 s\n", "a\n…\nc … s")
    assert is_as_shown("x  1,234   y\n", "x 1,234 y")
    assert not is_as_shown("a\nb\n", "a")
    assert not is_as_shown("12 rows\n", "2 rows")


def test_a_block_that_says_something_false_fails(tmp_path: Path, commands: Path) -> None:
    session = Session(tmp_path, commands=commands, environ={}, stand_ins={})
    for language, text in (("console", "$ echo one\ntwo\n"), ("python", ">>> 1 + 1\n3\n"), ("toml", 'curency = "x"\n')):
        with pytest.raises(Exception, match=r"and not|Expected|unknown setting"):
            session.carry_out(Block("a.md", 1, language, "", text))
    session.close()
