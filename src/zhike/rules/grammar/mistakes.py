"""A text that is no rule: what is wrong with it, where, and what to write instead."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from django.utils.translation import gettext as _
from lark import Token, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from zhike.rules.errors import RuleError, Span
from zhike.rules.grammar.expected import CALLED, SPELT, in_words, keywords
from zhike.rules.grammar.reading import span_of
from zhike.rules.nearest import nearest_name

FUNCTIONS = (*SPELT["FUNCTION"], *SPELT["EVER"], *SPELT["DAYS"])
CLOSING = {"“": "”", "‘": "’", "「": "」"}
INSTEAD = {"&": "and", "|": "or", "!": "not", "~": "not"}
LONGEST = 40  # characters that are worth repeating


@dataclass(frozen=True)
class Stop:
    """Where reading stopped: at what, after what, and which terminals might have stood there."""

    text: str
    before: Sequence[Token]
    found: Token
    accepts: Set[str]

    @property
    def is_end(self) -> bool:
        return self.found.type == "$END"

    @property
    def span(self) -> Span:
        end = len(self.text.rstrip())
        return Span(max(end - 1, 0), end) if self.is_end else span_of(self.found)

    @property
    def last(self) -> Token:
        """What stands before it."""
        return self.before[-1] if self.before else Token("$START", "")

    @property
    def opened(self) -> Token | None:
        """The innermost parenthesis that is still open."""
        opened: list[Token] = []
        for token in self.before:
            if token.type == "LPAR":
                opened.append(token)
            elif token.type == "RPAR" and opened:
                opened.pop()
        return opened[-1] if opened else None


def mistake(text: str, error: UnexpectedInput, tokens: Sequence[Token], accepts: Set[str]) -> RuleError:
    """What is wrong with a text, where its parser stopped."""
    if isinstance(error, UnexpectedCharacters):
        return _no_word(text, error.pos_in_stream or 0)
    found = error.token if isinstance(error, UnexpectedToken) else Token("$END", "")
    stop = Stop(text, [token for token in tokens if token is not found], found, accepts)
    told = (known(stop) for known in (_of_parentheses, _of_functions, _of_quotes, _of_words))
    return next(filter(None, told), None) or _unexpected(stop)


def _no_word(text: str, at: int) -> RuleError:
    sign = text[at]
    if sign in "\"'“”‘’「＂`":
        return RuleError(
            _("the text that begins here does not end"),
            span=Span(at, len(text)),
            advice=_("Close it with %(sign)s.") % {"sign": CLOSING.get(sign, sign)},
        )
    word = INSTEAD.get(sign)
    return RuleError(
        _("“%(sign)s” means nothing in a rule") % {"sign": sign},
        span=Span(at, at + 1),
        advice=_("Write “%(word)s”.") % {"word": word} if word else _("A text is put into quotation marks."),
    )


def _of_parentheses(stop: Stop) -> RuleError | None:
    if stop.is_end and stop.opened and "RPAR" in stop.accepts:
        return RuleError(_("this parenthesis is not closed"), span=span_of(stop.opened), advice=_("Close it with “)”."))
    if stop.found.type == "RPAR" and not stop.opened:
        return RuleError(
            _("this parenthesis was not opened"), span=stop.span, advice=_("Leave it out, or open it with “(”.")
        )
    return None


def _of_functions(stop: Stop) -> RuleError | None:
    name = stop.last
    if stop.found.type != "LPAR" or name.type not in ("NAME", "WORD"):
        return None
    near = CALLED.get(name.lower()) or nearest_name(name, FUNCTIONS)
    return RuleError(
        _("there is no function “%(name)s”") % {"name": _short(name)},
        span=span_of(name),
        advice=_("Did you mean “%(name)s”?") % {"name": near}
        if near
        else _("Known here: %(names)s.") % {"names": ", ".join(FUNCTIONS)},
    )


def _of_quotes(stop: Stop) -> RuleError | None:
    is_word = stop.found[:1].isalpha()
    if stop.last.type == "STRING" and is_word and stop.last.end_pos == stop.found.start_pos:
        return RuleError(
            _("a quotation mark is missing, or is one too many"),
            span=span_of(stop.last),
            advice=_("In a text, a quotation mark follows a backslash."),
        )
    if is_word and "STRING" in stop.accepts and not stop.accepts & {"NAME", "WORD"}:
        return RuleError(
            _("a text is put into quotation marks"),
            span=stop.span,
            advice=_("Write %(text)s.") % {"text": f'"{_short(stop.found)}"'},
        )
    return None


def _of_words(stop: Stop) -> RuleError | None:
    """What is often written where something else is meant."""
    kind, advice = stop.found.type, ""
    if kind == "IN" and "WITHIN" in stop.accepts:
        advice = _("Of a day, write “within 30 days”; a window of facts stands in the parentheses of their function.")
    elif kind == "COMMA" and stop.last.type == "NUMBER":
        advice = _("Numbers are written without commas between their digits: 5000.")
    elif kind == "COMPARES" and "EQUALS" in stop.accepts:
        advice = _("Write “not has tag …” for other values, and “tag … > 5” for the value of a number or day.")
    elif kind in ("COMPARES", "EQUALS"):
        advice = _("A comparison has two sides; join several by “and”.")
    elif kind in ("LAST", "THIS") and "IN" in stop.accepts:
        advice = _("A window begins with “in”: “in last 90 days”, “in this month”.")
    elif kind in SPELT and "NAME" in stop.accepts:
        advice = _("Expected here: %(words)s. A name that is spelt like this is put into backquotes: %(name)s.") % {
            "words": in_words(stop.accepts),
            "name": f"`{_short(stop.found)}`",
        }
    return _refused(stop, advice) if advice else None


def _unexpected(stop: Stop) -> RuleError:
    if not stop.before and stop.is_end:
        example = 'has tag "rfm_segment" = "champions"'
        return _refused(stop, _("Write a condition, such as %(example)s.") % {"example": example})
    near = _nearest_keyword(stop)
    if near:
        return _refused(stop, _("Did you mean “%(name)s”?") % {"name": near})
    return _refused(stop, _("Expected here: %(words)s.") % {"words": in_words(stop.accepts)})


def _nearest_keyword(stop: Stop) -> str:
    word = stop.found.lower()
    allowed = keywords(stop.accepts)
    if not word[:1].isalpha() or word in allowed:
        return ""
    called = CALLED.get(word, "")
    return called if called in allowed else nearest_name(word, allowed)


def _refused(stop: Stop, advice: str) -> RuleError:
    if stop.is_end:
        message = _("the rule ends too early") if stop.before else _("there is no rule")
        return RuleError(message, span=stop.span, advice=advice)
    return RuleError(_("“%(found)s” cannot stand here") % {"found": _short(stop.found)}, span=stop.span, advice=advice)


def _short(token: str) -> str:
    return token if len(token) <= LONGEST else f"{token[:LONGEST]}…"
