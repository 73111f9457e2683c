"""Names of people: family, given, and the whole in one spelling, Chinese or in words."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
from ibis.expr.types import BooleanValue, StringValue, StructValue

from zhike.collect.identity.normalising.text import HAN, once, plain
from zhike.collect.identity.normalising.titles import (
    COMMON_FAMILY_NAMES,
    COMPOUND_FAMILY_NAMES,
    FAMILY_NAMES,
    HAN_ADDRESSES,
    HAN_TITLES,
    HAN_TITLES_OF_FAMILY,
    LATIN_SUFFIXES,
    LATIN_TITLES,
    OPENING_PARTICLES,
    PARTICLES,
)

_DOTS = "[·•・‧∙⋅.]"
_IN_BRACKETS = r"\([^)]*\)|\[[^\]]*\]|【[^】]*】"
_QUOTES = r'["“”*_/\\|;:?!]'
_COLUMNS = ("name", "family", "given")
_COMPOUND = "|".join(COMPOUND_FAMILY_NAMES)
# 小明 王: what stands first is no family name, and what stands last is.
_GIVEN_FIRST = f"^ *([^ ·{FAMILY_NAMES}][^ ·]?) ([{COMMON_FAMILY_NAMES}]|{_COMPOUND}) *$"
_FAMILY_FIRST = f"^ *(?:{'|'.join((*COMPOUND_FAMILY_NAMES, *HAN_ADDRESSES))}) "
_LONGEST_HAN = 4  # without a dot: what is longer is a foreign name, of which nothing says where it parts


@dataclass(frozen=True)
class PersonName:
    """A name as it is compared; `whole` is the same whichever way round and in however many columns it was written."""

    family: StringValue
    given: StringValue
    whole: StringValue


def person_name(*, name: StringValue, family_name: StringValue, given_name: StringValue) -> PersonName:
    """Family, given and whole name in one spelling; what the two columns say goes before how the name splits.

    Titles and forms of address are dropped where a name is left: 王先生 has the family name 王 and no given name.
    A name in Chinese characters is only these; any other is small letters without accents and punctuation, and its
    `whole` has the words in alphabetical order.
    """
    columns = {"name": plain(name), "family": plain(family_name), "given": plain(given_name)}
    found = once(once(ibis.struct(columns), _spelt), _parts)
    return PersonName(family=found["family"], given=found["given"], whole=found["whole"])


def _spelt(columns: StructValue) -> StructValue:
    """The three columns in Chinese characters alone, and in words."""
    han = {f"han_{key}": _spelt_in_han(columns[key]) for key in _COLUMNS}
    words = {f"words_{key}": _spelt_in_words(columns[key]) for key in _COLUMNS}
    return ibis.struct({**han, **words})


def _parts(spelt: StructValue) -> StructValue:
    """The parts of the name in Chinese characters, where any column has one, else in words."""
    has_han = [spelt[f"han_{key}"].notnull() for key in _COLUMNS]
    return (has_han[0] | has_han[1] | has_han[2]).ifelse(_han(spelt), _in_words(spelt))


def _spelt_in_han(text: StringValue) -> StringValue:
    """Without what is not Chinese, and without titles; parts of a foreign name stay apart by a dot."""
    text = text.re_replace(_IN_BRACKETS, "").re_replace(_DOTS, "·").re_replace(f"[^{HAN}· ]", "")
    text = once(text, _family_first).replace(" ", "")
    text = text.re_replace(f"^(?:{'|'.join(HAN_ADDRESSES)})|(?:{'|'.join(HAN_TITLES)})+$", "")
    return text.re_replace("^·+|·+$", "").nullif("")


def _family_first(text: StringValue) -> StringValue:
    """小明 王 as 王 小明."""
    turned = text.re_extract(_GIVEN_FIRST, 2) + text.re_extract(_GIVEN_FIRST, 1)
    return (text.re_search(_GIVEN_FIRST) & ~text.re_search(_FAMILY_FIRST)).ifelse(turned, text)


def _spelt_in_words(text: StringValue) -> StringValue:
    text = text.re_replace(_IN_BRACKETS, " ").re_replace(_QUOTES, " ")
    text = text.re_replace(rf"(?:[ ,]+(?:{'|'.join(LATIN_SUFFIXES)})\.?)+ *$", "")
    words = (
        text.re_replace(f"[-'‐–{HAN}]", "")
        .re_replace("[. ]+", " ")
        .re_replace(" ?, ?", ",")
        .re_replace("^[, ]+|[, ]+$", "")
    )
    return words.re_replace(f"^(?:(?:{'|'.join(LATIN_TITLES)}|&|and)(?: |$))+", "").nullif("")


def _han(spelt: StructValue) -> StructValue:
    name, family, given = (spelt[f"han_{key}"] for key in _COLUMNS)
    of_given = name.endswith(given) & (name != given)
    has_family = _has_family(name, family, given)
    only_given = given.notnull() & name.isnull()

    def parted(alone: StringValue, split: StringValue) -> StructValue:
        family_part = ibis.cases(
            (has_family, family),
            (of_given, name.left(name.length() - given.length())),
            (only_given, None),
            else_=split,
        )
        after = _han_after(alone, split)
        given_part = ibis.cases(
            (has_family & (given == family), given),
            (has_family, _han_after(given.fill_null(name), family)),
            (of_given | only_given, given),
            (after.isin(HAN_TITLES_OF_FAMILY), None),
            else_=after,
        )
        return once(ibis.struct({"family": family_part, "given": given_part, "alone": alone}), _han_whole)

    alone = name.fill_null(given.isnull().ifelse(family, None))
    return once(alone, lambda alone: once(_han_family(alone), lambda split: parted(alone, split)))


def _has_family(name: StringValue, family: StringValue, given: StringValue) -> BooleanValue:
    """Whether the family name is one: the same as the name, or all that is known, it is a whole name out of place."""
    return family.notnull() & (given.notnull() | (name != family).fill_null(False))


def _han_whole(parts: StructValue) -> StructValue:
    family, given = parts["family"], parts["given"]
    whole = (family.fill_null("") + given.fill_null("")).nullif("").fill_null(parts["alone"])
    return _struct(*(part.replace("·", "").nullif("") for part in (family, given, whole)))


def _han_family(name: StringValue) -> StringValue:
    return ibis.coalesce(
        name.re_extract("^([^·]*)·", 1).nullif(""),
        name.re_extract(f"^({_COMPOUND})", 1).nullif(""),
        (name.length() <= _LONGEST_HAN).ifelse(name.left(1), None),
    )


def _han_after(name: StringValue, family: StringValue) -> StringValue:
    is_before = name.startswith(family) & (name != family)
    return ibis.cases(
        (is_before, name.right(name.length() - family.length())), (name == family, None), (family.notnull(), name)
    )


def _in_words(spelt: StructValue) -> StructValue:
    family, given = (spelt[f"words_{key}"].replace(",", " ") for key in ("family", "given"))
    return once(_turned(spelt["words_name"]), lambda name: _parted_words(name, family, given))


def _turned(name: StringValue) -> StringValue:
    """Smith, John as John Smith."""
    given, family = name.re_extract("^[^,]*,(.*)$", 1), name.re_extract("^([^,]*),", 1)
    return name.contains(",").ifelse((given + " " + family).replace(",", " "), name)


def _parted_words(name: StringValue, family: StringValue, given: StringValue) -> StructValue:
    alone = name.fill_null(given.isnull().ifelse(family, None))
    has_family = _has_family(name, family, given)
    family_part = ibis.cases((has_family, family), (given.notnull(), _rest(name, given)), else_=_words_family(alone))
    given_part = ibis.cases(
        (has_family, ibis.coalesce(_rest(given.fill_null(name), family), given, name)),
        (given.notnull(), given),
        else_=_words_given(alone),
    )
    return once(ibis.struct({"family": family_part, "given": given_part}), _words_whole)


def _words_whole(parts: StructValue) -> StructValue:
    both = ibis.coalesce(parts["given"] + " " + parts["family"], parts["given"], parts["family"])
    return _struct(parts["family"], parts["given"], both.split(" ").sort().join(" "))


_FAMILY_IN_WORDS = f"^(.+?) ((?:(?:{'|'.join(PARTICLES)}) )*[^ ]+)$"
_FAMILY_ALONE = f"^(?:(?:{'|'.join(OPENING_PARTICLES)}) )+[^ ]+$"


def _words_family(name: StringValue) -> StringValue:
    split = name.re_extract(_FAMILY_IN_WORDS, 2).nullif("")
    return name.re_search(_FAMILY_ALONE).ifelse(name, split.fill_null(name))


def _words_given(name: StringValue) -> StringValue:
    return name.re_search(_FAMILY_ALONE).ifelse(None, name.re_extract(_FAMILY_IN_WORDS, 1).nullif(""))


def _rest(name: StringValue, part: StringValue) -> StringValue:
    """The other words of a name that begins or ends with a part of it, or NULL."""
    length = name.length() - part.length() - 1
    return ibis.cases(
        (name.endswith(" " + part), name.left(length)), (name.startswith(part + " "), name.right(length))
    ).strip()


def _struct(family: StringValue, given: StringValue, whole: StringValue) -> StructValue:
    return ibis.struct({"family": family, "given": given, "whole": whole})
