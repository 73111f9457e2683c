"""What the rules of the tests may name: everything that is declared, and a few tags and audiences."""

from __future__ import annotations

from dataclasses import replace

from zhike.rules.vocabulary import KnownTag, TagKind, Vocabulary
from zhike.warehouse.attributes import Attribute, FactTable, Relation, registry
from zhike.warehouse.contracts import Column, Contract, Kind

TAGS = (
    KnownTag("owns_smartphone", TagKind.YES_NO),
    KnownTag("rfm_segment", TagKind.CATEGORY, ("champions", "loyal", "at_risk")),
    KnownTag("contract_holder", TagKind.CATEGORY, ("active", "former")),
    KnownTag("favourite_shop", TagKind.CATEGORY),
    KnownTag("basket_size", TagKind.NUMBER),
    KnownTag("tier_since", TagKind.DATE),
)


def everything() -> Vocabulary:
    """The vocabulary of somebody who may see all."""
    tags = {tag.name: tag for tag in TAGS}
    return Vocabulary.of(registry(), tags=tags, audiences=frozenset({"bought_this_quarter", "our friends"}))


def without_personal_data() -> Vocabulary:
    """The vocabulary of somebody who may not find out who a customer is."""
    known = everything()
    refused = frozenset(name for name, attribute in known.attributes.items() if attribute.identifies)
    return replace(known, refused=refused)


# Names that might be taken for something else.
ODD_NAMES = (
    *("count", "LAST", "and", "Is", "day", "months", "today", "otherwise", "has tag", "iſ", "Known", "in last 3 days"),
    *("`", "``", "a b", "a.b", "a-b", "1st", "性别", "ａ", "“", "a\nb", "\\", "", " ", "x\u200by", "é", "ever("),
)


def odd_names() -> Vocabulary:
    """A vocabulary in which everything is called what no sane person would call it."""
    kinds = (Kind.TEXT, Kind.INTEGER, Kind.DATE, Kind.BOOLEAN)
    columns = tuple(Column(name, kinds[at % 4], "") for at, name in enumerate(ODD_NAMES))
    contract = Contract("odd", "odd", "one odd thing", (), columns)
    return Vocabulary(
        attributes={column.name: Attribute(column, column.name, "who") for column in columns},
        facts={name: FactTable(name, name, contract, ODD_NAMES[2], ODD_NAMES[2], ODD_NAMES) for name in ODD_NAMES},
        relations={name: Relation(name, name, contract, lambda table: table, ODD_NAMES[:9]) for name in ODD_NAMES},
        tags={name: KnownTag(name, list(TagKind)[at % 4]) for at, name in enumerate(ODD_NAMES)},
        audiences=frozenset(ODD_NAMES),
    )
