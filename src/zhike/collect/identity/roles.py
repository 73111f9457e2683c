"""What the columns of a plain file say about people and firms: told by their names and by their values."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from django.utils.translation import gettext as _

from zhike.collect.identity.telling import (
    FURTHER,
    HINTS,
    HOPED,
    LIKE,
    OF_FIRM,
    OF_REGISTER,
    ROLES,
    UNMISTAKABLE,
    folded,
    is_credit_code,
    is_firm,
    may_be,
    may_hold,
)
from zhike.collect.sources.detection import SYNONYMS
from zhike.errors import UserError

TELLING = ("name", "family_name", "id_number")  # one of them at least tells one customer from another
IN_PARTS = ("family_name", "given_name")
SHARE = 0.7  # of the values of a column that must look like something before it is taken for that
NEARLY_ALL = 0.9
LONGEST = 200  # characters of a value that are looked at
VARIED = 0.1  # of the values of a column, at least so many differ where they are names


def roles_of(columns: Sequence[str], sample: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Role → column of the file. By names first, unless the values are clearly something else; then by values.

    The name is a person's or, in a file of firms, a firm's; a firm beside a person is the employer, and left out.
    """
    names: dict[str, str] = {}
    for column in columns:
        names.setdefault(folded(column), column)
    file = _File(names, sample)
    for role in ROLES:
        called = (folded(role), *FURTHER.get(role, ()), *SYNONYMS.get(role, ()))
        file.take(role, (name for name in called if name in names and not file.belies(name, role)))
    _take_family(file)
    firms = _take_firm(file)
    for role in HINTS:
        file.take(role, (name for name in names if name not in firms and file.hints_at(name, role)))
    for role in LIKE:
        file.take(role, (name for name in names if name not in firms and file.looks_like(name, role)))
    return {role: names[file.found[role]] for role in ROLES if role in file.found}


@dataclass
class _File:
    """The columns of a file by their folded names, and what was found so far: role → folded name."""

    columns: Mapping[str, str]
    sample: Mapping[str, Sequence[str]]
    found: dict[str, str] = field(default_factory=dict)
    spelt: dict[str, list[str]] = field(default_factory=dict)

    def take(self, role: str, names: Iterable[str]) -> None:
        """Gives a role that has no column the first of these that has no role."""
        if role in self.found or (role == "name" and any(part in self.found for part in IN_PARTS)):
            return
        free = next((name for name in names if name not in self.found.values()), None)
        if free is not None:
            self.found[role] = free

    def belies(self, name: str, role: str) -> bool:
        """Whether nearly all values are clearly something else than the name of their column says."""
        hoped = HOPED.get("phone" if role == "phone_2" else role)
        if hoped is not None and self.share(name, hoped) > 1 - NEARLY_ALL:
            return False
        return any(self.share(name, LIKE[other]) >= NEARLY_ALL for other in UNMISTAKABLE)

    def hints_at(self, name: str, role: str) -> bool:
        """Whether the name of a column hints at a role, and its values bear that out."""
        return may_hold(role, name) and self.share(name, HOPED[role]) >= SHARE and self._is_varied(name, role)

    def looks_like(self, name: str, role: str) -> bool:
        """Whether values look like a role, and the name of their column does not say otherwise."""
        return may_be(role, name) and self.share(name, LIKE[role]) >= SHARE and self._is_varied(name, role)

    def share(self, name: str, like: Callable[[str], bool]) -> float:
        """How much of the values that a column has look like something."""
        known = self._known(name)
        return sum(map(like, known)) / len(known) if known else 0.0

    def _known(self, name: str) -> list[str]:
        """The values that a column has, in half-width characters; of a long text no more than tells what it is."""
        if name not in self.spelt:
            values = (value[:LONGEST] for value in self.sample[self.columns[name]] if value)
            spelt = (unicodedata.normalize("NFKC", value).strip() for value in values)
            self.spelt[name] = [value for value in spelt if value]
        return self.spelt[name]

    def _is_varied(self, name: str, role: str) -> bool:
        """Whether values differ as the names of people do, and not those of categories."""
        known = self._known(name)
        return role != "name" or len(set(known)) >= VARIED * len(known)


def _take_family(file: _File) -> None:
    """A name in Latin letters beside a given name that is not in it is the family name: Name, Vorname."""
    if "family_name" in file.found or not {"name", "given_name"} <= file.found.keys():
        return
    whole, given = (file.sample[file.columns[file.found[role]]] for role in ("name", "given_name"))
    both = [(folded(one), folded(other)) for one, other in zip(whole, given, strict=True) if one and other]
    apart = sum(one[:1].isascii() and other not in one for one, other in both)
    if both and apart >= SHARE * len(both):
        file.found["family_name"] = file.found.pop("name")


def _take_firm(file: _File) -> list[str]:
    """The columns with names of firms, of which one is the name if the file is of firms."""
    named = any(role in file.found for role in ("name", *IN_PARTS))
    free = [name for name in file.columns if name not in file.found.values()]
    firms = [name for name in free if name in OF_FIRM and not file.belies(name, "name")]
    firms += [
        name for name in free if name not in firms and may_be("name", name) and file.share(name, is_firm) >= SHARE
    ]
    codes = [name for name in free if name in OF_REGISTER]
    codes += [name for name in free if name not in codes and file.share(name, is_credit_code) >= SHARE]
    has_person = named or any(
        file.hints_at(name, "name") or file.looks_like(name, "name") for name in free if name not in firms
    )
    if not named and (codes or not has_person):
        file.take("name", firms)
    name = file.found.get("name")
    is_of_firms = name in firms or (name is not None and file.share(name, is_firm) >= SHARE)
    # Beside a person and a firm, the number in the register of firms is the employer's too.
    if is_of_firms or not firms:
        file.take("id_number", codes)
    return [*firms, *codes]


def read_roles(path: Path, columns: Sequence[str]) -> dict[str, str]:
    """Role → column of the file, as a YAML file says it. Raises UserError where it says something else."""
    try:
        stated = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UserError(_("the mapping cannot be read: %(error)s") % {"error": error}, where=str(path)) from None
    if not isinstance(stated, dict) or not stated or not all(isinstance(one, str) for one in stated.values()):
        raise UserError(
            _("the mapping names no columns"), where=str(path), advice=_("Write one line each: `born_on: DOB`.")
        )
    for role, column in stated.items():
        if role not in ROLES:
            raise UserError(
                _("%(role)s is nothing that linking knows") % {"role": repr(role)},
                where=str(path),
                advice=_("It knows %(roles)s.") % {"roles": ", ".join(ROLES)},
            )
        if column not in columns:
            raise UserError(
                _("the file has no column %(column)s") % {"column": repr(column)},
                where=f"{path}: {role}",
                advice=_("Its columns: %(columns)s.") % {"columns": ", ".join(columns)},
            )
    return {role: stated[role] for role in ROLES if role in stated}
