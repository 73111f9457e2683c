"""What stands in a scenario: numbers, names, and numbers for each year."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from typing import Annotated

from django.utils.translation import gettext as _
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from zhike.stats.ltv import BASES, Basis

# No thousands with commas: in a list of years they would be two numbers; nor what is left of them, 000.
NUMBER = re.compile(r"[+-]?((0|[1-9]\d*(_\d{3})*)(\.\d+)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
LONGEST_NAME = 100  # characters
UNREADABLE = ("Cc", "Cs")  # categories: control characters and halves of others


def problem_at(message: str, *place: str) -> PydanticCustomError:
    """An error of the part that is looked at, or of a place below it."""
    return PydanticCustomError("scenario", "{message}", {"message": message, "place": place})


def number(value: object) -> object:
    """A number, also as text: 0.6, 60%, 200_000."""
    if isinstance(value, str):
        bare = value.strip().removesuffix("%").rstrip()
        if NUMBER.fullmatch(bare):
            return float(bare) / (100 if "%" in value else 1)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            return float("inf")
    said = _("is empty") if value is None else _("%(value)s is no number") % {"value": _short(value)}
    raise problem_at(_("%(problem)s: write one such as 0.6, 60%% or 200000, without commas") % {"problem": said})


def _text(value: object) -> object:
    """A number where text is meant is that text; nothing is empty."""
    if value is None:
        return ""
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _readable(value: str) -> str:
    if any(unicodedata.category(one) in UNREADABLE and one not in "\n\t" for one in value):
        raise problem_at(_("has characters that nobody can read"))
    return value


def _name(value: str) -> str:
    if not value.strip():
        raise problem_at(_("a name is missing"))
    if len(value) > LONGEST_NAME:
        raise problem_at(_("a name has up to %(most)s characters") % {"most": LONGEST_NAME})
    return value


Number = Annotated[float, BeforeValidator(number), Field(allow_inf_nan=False)]
Text = Annotated[str, BeforeValidator(_text), AfterValidator(_readable)]
Name = Annotated[Text, AfterValidator(_name)]


class Part(BaseModel):
    """Keys with values, none of which is unknown."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _knows_its_keys(cls, value: object) -> object:
        keys = [field.alias or name for name, field in cls.model_fields.items()]
        if not isinstance(value, dict):
            raise problem_at(_("must be keys with values: %(keys)s") % {"keys": ", ".join(keys)})
        for key in value:
            if key not in keys:
                raise problem_at(_("there is no such key: %(nearest)s") % {"nearest": nearest(key, keys)}, key)
        return value


class Growth(Part):
    """A first year's number, and by what share or amount it grows every year, within bounds."""

    first: Number
    growth: Number | None = None
    step: Number | None = None
    at_least: Number = float("-inf")
    at_most: Number = float("inf")

    @model_validator(mode="after")
    def _grows_in_one_way(self) -> Growth:
        if (self.growth is None) == (self.step is None):
            raise problem_at(_("give either growth, a share of the year before, or step, an amount"))
        if self.at_least > self.at_most:
            raise problem_at(_("at_least is above at_most"))
        return self

    def numbers(self, years: int) -> tuple[float, ...]:
        """The number of each year."""
        if self.step is not None:
            grown = [self.first + self.step * year for year in range(years)]
        else:
            factor, grown = 1 + (self.growth or 0.0), [self.first]
            for _year in range(1, years):
                grown.append(grown[-1] * factor)
        return tuple(max(self.at_least, min(self.at_most, one)) for one in grown)


def _form(value: object) -> str:
    if isinstance(value, (dict, Growth)):
        return "a growth"
    if isinstance(value, (list, tuple)):
        return "a list"
    return "a basis" if isinstance(value, str) and value in BASES else "a number"


# Pydantic names them in the place of a mistake, where nobody must take them for keys.
FORMS = ("a growth", "a list", "a basis", "a number")
Value = Annotated[
    Annotated[Growth, Tag("a growth")]
    | Annotated[tuple[Number, ...], Tag("a list")]
    | Annotated[Basis, Tag("a basis")]
    | Annotated[Number, Tag("a number")],
    Discriminator(_form),
]


def nearest(name: object, known: Iterable[str]) -> str:
    """The known name that is meant, as a question; all of them where none is like it."""
    close = difflib.get_close_matches(str(name), list(known), n=1)
    if close:
        return _("did you mean %(name)s?") % {"name": close[0]}
    return _("there are %(names)s") % {"names": ", ".join(known)}


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:40]}…"
