"""What the buttons of the builder ask for, carried out on its rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.utils.translation import gettext as _

from zhike.errors import UserError
from zhike.rules.builder.rows import Form, Group
from zhike.understand.tags.builder import edits
from zhike.understand.tags.builder.edits import Edited
from zhike.understand.tags.builder.posted import At
from zhike.understand.tags.builder.subjects import Names

TOP = "top"  # the outermost group, in what a button says
ON_A_ROW: dict[str, Callable[[Form, At], Edited]] = {
    "remove": edits.removed,
    "duplicate": edits.duplicated,
    "up": lambda form, at: edits.moved(form, at, -1),
    "down": lambda form, at: edits.moved(form, at, 1),
    "wrap": edits.wrapped,
    "dissolve": edits.dissolved,
}


class NoSuchSubject(UserError):
    """Nothing is called as somebody wrote into the field of a group."""

    def __init__(self, error: UserError, at: At, typed: str) -> None:
        super().__init__(error.message, advice=error.advice)
        self.at, self.typed = at, typed


def acted(form: Form, names: Names, verb: str, words: Sequence[str], *, typed: Callable[[At], str]) -> Edited | None:
    """The rows after a button, None for one that is not about rows; `typed` is what stands in a group's own field.

    Raises UserError for something that there is not.
    """
    if verb in ON_A_ROW and words:
        at = at_of(words[0])
        return ON_A_ROW[verb](form, at) if at else None
    if verb == "add" and words:
        at = at_of(words[0])
        asked = " ".join(words[1:]) or typed(at)
        if asked == "group":
            return edits.added(form, at, Group(match="any"))
        here = names_at(form, names, at)
        try:
            return edits.added(form, at, here.subject(asked).make())
        except UserError as error:
            raise NoSuchSubject(error, at, asked) from error
    if verb == "carry" and len(words) == 3 and words[2].isdecimal():
        return edits.carried(form, at_of(words[0]), at_of(words[1]), int(words[2]))
    if verb == "put" and len(words) == 3:
        return _put(form, at_of(words[0]), words[1], words[2])
    return None


def at_of(text: str) -> At:
    """A place as a button says it. Raises UserError."""
    if text == TOP:
        return ()
    steps = text.split(".")
    if not all(step.isascii() and step.isdecimal() for step in steps):
        raise UserError(_("this row is not there any more"), advice=_("Load the page again."))
    return tuple(map(int, steps))


def names_at(form: Form, names: Names, at: At) -> Names:
    """The names that mean something in the group at a place."""
    for depth in range(1, len(at) + 1):
        names = names.inside(edits.row_at(form, at[:depth]))
    return names


def _put(form: Form, at: At, field: str, value: str) -> Edited | None:
    """A suggestion for a field, taken."""
    row = edits.row_at(form, at)
    name, _point, place = field.partition(".")
    if name not in type(row).model_fields or not isinstance(getattr(row, name), str | tuple):
        return None
    if not place.isdecimal():
        return edits.replaced(form, at, row.model_copy(update={name: value}))
    values = list(getattr(row, name))
    values[int(place) : int(place) + 1] = [value]
    return edits.replaced(form, at, row.model_copy(update={name: tuple(values)}))
