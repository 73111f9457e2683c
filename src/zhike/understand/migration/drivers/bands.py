"""By what customers are told apart before they move: features, and the borders of their bands."""

from __future__ import annotations

from zhike.understand.lifecycle import stages

MONTHS = 6  # from the day on which things are known to the end of the window in which customers move
LATELY = 180  # days before that day in which contacts and messages count
YEAR = 365  # days before it whose orders count for what is given, and for lines in use

FELL, GREW = "fell", "grew"
# Of whom each move is asked, and where it ends.
MOVES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    FELL: ((stages.STABLE, stages.GROWING), (stages.DECLINING, stages.INTERRUPTED)),
    GREW: ((stages.STABLE,), (stages.GROWING,)),
}
STARTS = MOVES[FELL][0]

STAGE, TENURE, SILENCE, VALUE = "stage", "tenure", "silence", "value"
LINES, CONTRACTS, CONTACTS, REPLY = "lines", "contracts", "contacts", "reply"
FEATURES = (STAGE, TENURE, SILENCE, VALUE, LINES, CONTRACTS, CONTACTS, REPLY)
# A band goes from its border up to the next one; the borders of what is given follow from the customers.
BORDERS: dict[str, tuple[int, ...]] = {
    TENURE: (0, 1 * YEAR, 3 * YEAR, 5 * YEAR),  # days since the first purchase
    SILENCE: (0, 30, 90, 180),  # days since the last
    LINES: (0, 2, 3),  # lines of business in use; hardly anybody has none
    CONTRACTS: (0, 1, 2),  # in force
    CONTACTS: (0, 1, 2),  # with a person
}
REFUSED, ANSWERED, UNANSWERED, UNWRITTEN = "refused", "answered", "unanswered", "unwritten"
REPLIES = (UNWRITTEN, UNANSWERED, ANSWERED, REFUSED)  # to messages


def value_borders(quarters: list[float | None]) -> list[int]:
    """The borders of the bands of what is given: quarters rounded to two digits, fewer where they are one."""
    found = {0}
    for one in quarters:
        if one is not None and one >= 1:
            digits = len(str(int(one))) - 2
            step = 10 ** max(digits, 0)
            found.add(int(one / step + 0.5) * step)
    return sorted(found)
