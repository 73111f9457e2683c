"""The parser of rules."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import cast

from lark import Lark, Token, UnexpectedInput

from zhike.rules.grammar.mistakes import mistake
from zhike.rules.grammar.reading import Read, Reader


def read_parts(text: str) -> Read:
    """The tree of a text with the place of every part. Raises RuleError for a text that is no rule."""
    tokens: list[Token] = []
    state = parser().parse_interactive(text)
    try:
        for token in state.lexer_thread.lex(state.parser_state):
            tokens.append(token)
            state.feed_token(token)
        return cast("Read", state.feed_eof(tokens[-1] if tokens else None))
    except UnexpectedInput as error:
        raise mistake(text, error, tokens, _accepted_after(tokens, error)) from None


def _accepted_after(tokens: Sequence[Token], error: UnexpectedInput) -> set[str]:
    """The terminals that might have stood where reading stopped.

    To see that a token does not fit, the parser may have concluded what stands before it, and lost what else it might
    have become: so it is asked again before that.
    """
    state = parser().parse_interactive("")
    for token in tokens:
        if token is not getattr(error, "token", None):
            state.feed_token(token)
    return set(state.accepts())


@lru_cache(maxsize=1)
def parser() -> Lark:
    """The parser of grammar.lark, made once."""
    return Lark.open(
        "grammar.lark",
        rel_to=__file__,
        parser="lalr",
        transformer=Reader(),
        keep_all_tokens=True,
        maybe_placeholders=False,
    )
