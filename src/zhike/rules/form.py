"""The builder's face of a rule: rows made of a condition, and a condition made of rows. Nothing is lost either way."""

from __future__ import annotations

from typing import cast

from zhike.rules.builder.choices import operators_for
from zhike.rules.builder.comparing import Filled
from zhike.rules.builder.fields import FormError
from zhike.rules.builder.filling import filled
from zhike.rules.builder.rowkinds import with_kinds
from zhike.rules.builder.rows import Form
from zhike.rules.builder.showing import form_of
from zhike.rules.check import checked
from zhike.rules.limits import hold_limits
from zhike.rules.places import Unfit, place_of
from zhike.rules.tree import Condition
from zhike.rules.vocabulary import Vocabulary

__all__ = ["Form", "FormError", "form_of", "operators_for", "read_form", "tree_of"]


def tree_of(form: Form) -> Condition:
    """The condition that the rows say. Raises FormError with the row and the field of what is wrong."""
    part = filled(form)
    try:
        hold_limits(part.node)
    except Unfit as error:
        raise _placed(error, part) from None
    return cast("Condition", part.node)


def read_form(form: Form, vocabulary: Vocabulary) -> Condition:
    """The condition that the rows say, if it means something. Raises FormError.

    What was typed is read as what the named attribute, tag or function is, whatever `value_kind` says.
    """
    part = filled(with_kinds(form, vocabulary))
    try:
        checked(part.node, vocabulary)
    except Unfit as error:
        raise _placed(error, part) from None
    return cast("Condition", part.node)


def _placed(error: Unfit, part: Filled) -> FormError:
    return FormError(error.message, place_of(part, error.path), advice=error.advice)
