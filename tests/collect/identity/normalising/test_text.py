"""Text in one spelling: width, Traditional and Simplified, accents, blanks, and what means nothing."""

from __future__ import annotations

import unicodedata
from importlib import resources

import ibis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.collect.identity.normalising.conftest import Normalised

from zhike.collect.identity.normalising.text import MEANINGLESS, half_width, once, plain, simplified, squeezed

SHARED = HealthCheck.function_scoped_fixture
ANY_TEXT = st.text(st.characters(blacklist_categories=["Cs", "Cn", "Co"], blacklist_characters="\0"), max_size=12)
SOME_TEXT = st.lists(ANY_TEXT | st.text("劉偉 龍Ａｂ１　éß\u0301－·ﬁ\u200b李", max_size=8), min_size=20, max_size=100)


def test_full_width_becomes_half_width(normalised: Normalised) -> None:
    spellings = {
        "ＡＢＣ　１２３": "ABC 123",
        "（０２１）－８８８": "(021)-888",
        "～！＠": "~!@",
        "张三": "张三",
        "劉Ａ": "劉A",
        "。，、": "。，、".replace("，", ","),
        "": "",
        None: None,
    }
    assert dict(zip(spellings, normalised(half_width, spellings), strict=True)) == spellings


def test_half_width_is_what_unicode_says_of_every_full_width_character(normalised: Normalised) -> None:
    wide = [chr(code) for code in range(0xFF01, 0xFF5F)]
    assert normalised(half_width, wide) == [unicodedata.normalize("NFKC", letter) for letter in wide]


def test_traditional_becomes_simplified(normalised: Normalised) -> None:
    spellings = {
        "劉德華": "刘德华",
        "諸葛亮": "诸葛亮",
        "臺灣積體電路製造股份有限公司": "台湾积体电路制造股份有限公司",
        "張三": "张三",
        "乾隆": "干隆",
        "王小明": "王小明",
        "\uf9e1雷": "李雷",
        "Smith": "Smith",
        None: None,
    }
    assert dict(zip(spellings, normalised(simplified, spellings), strict=True)) == spellings


def test_every_character_of_the_table_becomes_its_first_target(normalised: Normalised) -> None:
    lines = (resources.files("opencc") / "dictionary" / "TSCharacters.txt").read_text("utf-8").split("\n")
    pairs = [line.split("\t") for line in lines if line]
    assert len(pairs) > 4000
    found = normalised(simplified, [f"王{key}x" for key, _ in pairs])
    table = {key: targets.split(" ")[0] for key, targets in pairs}
    # 薴 becomes 苧, which becomes 苎 itself.
    assert found == [f"王{table.get(target, target)}x" for target in table.values()]


def test_squeezed_leaves_no_white_space(normalised: Normalised) -> None:
    spellings = {
        " 张 三\t": "张三",
        "张\u3000三": "张三",
        "a\u00a0b\u200bc\ufeff": "abc",
        "\n \u3000": None,
        "": None,
        None: None,
        "无": "无",
    }
    assert dict(zip(spellings, normalised(squeezed, spellings), strict=True)) == spellings


def test_plain_is_one_spelling_of_many(normalised: Normalised) -> None:
    spellings = {
        "  José\u00a0 GARCÍA ": "jose garcia",
        "Jose\u0301 Garci\u0301a": "jose garcia",
        "Müller": "muller",
        "Groß": "gross",
        "GROẞ": "gross",
        "Ægir Þór Ødegård": "aegir thor odegard",
        "Łukasz Đorđević": "lukasz dordevic",
        "O’Neil": "o'neil",
        "ＷＡＮＧ　Ｗｅｉ": "wang wei",
        "İstanbul": "istanbul",
        "ΟΔΥΣΣΕΥΣ": "οδυσσευσ",
        "劉\u200b德華": "刘德华",
        "a\r\n b": "a b",
        "(123)": "(123)",
    }
    assert dict(zip(spellings, normalised(plain, spellings), strict=True)) == spellings


def test_a_word_for_nothing_is_nothing(normalised: Normalised) -> None:
    words = [
        "無",
        "无",
        "不詳",
        "未知",
        " N/A ",
        "Ｎ／Ａ",
        "-",
        "——",
        "...",
        "unknown",
        "NULL",
        "None",
        "?",
        "（）",
        "\u3000",
    ]
    assert normalised(plain, words) == [None] * len(words)


def test_every_word_for_nothing_is_known_in_its_plain_spelling(normalised: Normalised) -> None:
    assert normalised(plain, [f" {word.upper()} " for word in MEANINGLESS]) == [None] * len(MEANINGLESS)


def test_a_word_for_nothing_within_a_text_stays(normalised: Normalised) -> None:
    assert normalised(plain, ["无锡", "Nana", "None such", "空军"]) == ["无锡", "nana", "none such", "空军"]


@settings(max_examples=4, deadline=None, suppress_health_check=[SHARED])
@given(texts=SOME_TEXT)
def test_what_is_normalised_stays_as_it_is(normalised: Normalised, texts: list[str]) -> None:
    for function in (half_width, simplified, squeezed, plain):
        first = normalised(function, texts)
        assert normalised(function, [None if text is None else str(text) for text in first]) == first, function


@settings(max_examples=4, deadline=None, suppress_health_check=[SHARED])
@given(texts=SOME_TEXT)
def test_width_and_characters_change_nothing_else(normalised: Normalised, texts: list[str]) -> None:
    assert [len(str(text)) for text in normalised(half_width, texts)] == [len(text) for text in texts]
    assert [len(str(text)) for text in normalised(simplified, texts)] == [len(text) for text in texts]


def test_a_value_is_spelt_out_once() -> None:
    text = ibis.table({"text": "string"}, name="given").text
    for _ in range(6):
        text = once(text.upper(), lambda text: text + text + text)
    assert ibis.to_sql(text).count("UPPER") == 6


def test_values_of_outer_functions_are_seen_by_inner_ones(normalised: Normalised) -> None:
    def nested(text: ibis.Value) -> ibis.Value:
        return once(text.upper(), lambda big: once(big + "-", lambda dashed: dashed + big + text))

    assert normalised(nested, ["ab", None]) == ["AB-ABab", None]
