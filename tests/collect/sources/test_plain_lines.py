"""Text files with one list a line."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from zhike.collect.sources.plain_lines import read_lists
from zhike.errors import UserError


def lists(path: Path, content: str | bytes) -> list[list[str]]:
    """What each line that has anything holds."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    found: dict[int, list[str]] = {}
    for row in read_lists(path).to_pylist():
        found.setdefault(row["line"], []).append(row["field"])
    return list(found.values())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\nc\nd,e,f\n", [["a", "b"], ["c"], ["d", "e", "f"]]),
        ("a, b \n\n ,\n,c,,", [["a", "b"], ["c"]]),  # blanks around, empty lines and fields
        ("a\tb\nc,d\te\n", [["a", "b"], ["c,d", "e"]]),
        ("a;b;c\nd\n", [["a", "b", "c"], ["d"]]),
        ("a|b\n", [["a", "b"]]),
        ("牛奶，面包\n鸡蛋　\n", [["牛奶", "面包"], ["鸡蛋"]]),
        ('a,"b, c",d\n', [["a", "b, c", "d"]]),
        ('"x ""y""" ,"","z"\n', [['x "y"', "z"]]),
        ('12" pizza,cola\n"open,b\nc"d"e,f\n', [['12" pizza', "cola"], ['"open', "b"], ['c"d"e', "f"]]),
        ("whole milk\n", [["whole milk"]]),
        ("a,b\r\nc\r\n", [["a", "b"], ["c"]]),
        (",\n", []),
    ],
)
def test_every_line_is_a_list(tmp_path: Path, text: str, said: list[list[str]]) -> None:
    assert lists(tmp_path / "lists.csv", text) == said


def test_a_file_may_be_packed_marked_or_in_another_encoding(tmp_path: Path) -> None:
    text, said = "牛奶,面包\n鸡蛋\n", [["牛奶", "面包"], ["鸡蛋"]]
    path = tmp_path / "lists.csv"
    for content in (
        gzip.compress(text.encode()),
        b"\xef\xbb\xbf" + text.encode(),
        text.encode("gb18030"),
        text.encode("utf-16"),
    ):
        assert lists(path, content) == said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n\n", "no rows"),
        (b"PAR1 and so on", "no text file"),
        (b'{"a": 1}\n', "no text file"),
        (b"a\0b\n", "binary"),
        (b"a,\x1fb\n", "row 1"),
    ],
)
def test_what_is_no_list_a_line_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "lists.csv"
    path.write_bytes(content)
    with pytest.raises(UserError, match=said):
        read_lists(path)
