"""Addresses in one spelling, whatever script they are written in."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import ibis
from ibis.expr.types import StringValue, Table

from zhike.collect.identity.normalising.addresses_doors import HAN
from zhike.collect.identity.normalising.addresses_han import COLUMNS, with_han_address
from zhike.collect.identity.normalising.addresses_western import with_western_address

__all__ = ["COLUMNS", "normalised_address"]


def normalised_address(
    table: Table,
    *,
    address: str | None = None,
    province: str | None = None,
    city: str | None = None,
    district: str | None = None,
    street: str | None = None,
    number: str | None = None,
    unit: str | None = None,
    postcode: str | None = None,
    keep: Callable[[Table], Table] = lambda table: table,
) -> Table:
    """The table with the parts of its addresses in `COLUMNS`, each in one spelling; NULL where a row does not say.

    Names the columns that hold an address as a whole, or parts of it. A row with Han characters is read as Chinese,
    any other as Western, where the province is the state. `keep` computes a table at once: as one expression, all of
    this is too deep to be put into SQL where an address comes in many parts.
    """
    given = {"address": address, "street": street, "number": number, "unit": unit, "province": province}
    given |= {"city": city, "district": district, "postcode": postcode}
    named = {name: column for name, column in given.items() if column}
    is_han = _joined([table[column] for column in named.values()]).re_search(HAN)
    return keep(_han(table.filter(is_han), named)).union(keep(_western(table.filter(~is_han), named)))


def _han(table: Table, named: dict[str, str]) -> Table:
    below = [table[named[name]] for name in ("postcode", "address", "street", "number", "unit") if name in named]
    rows = table.mutate(ad_address=_joined(below))
    divisions = {name: named[name] for name in ("province", "city", "district") if name in named}
    return with_han_address(rows, address="ad_address", **divisions).drop("ad_address")


def _western(table: Table, named: dict[str, str]) -> Table:
    renamed = {"state" if name == "province" else name: column for name, column in named.items() if name != "district"}
    return with_western_address(table, **renamed)


def _joined(parts: Sequence[StringValue]) -> StringValue:
    return functools.reduce(lambda whole, part: whole + "|" + part.fill_null(""), parts, ibis.literal(""))
