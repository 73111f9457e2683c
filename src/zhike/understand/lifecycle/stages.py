"""The stages of life as a customer, and the borders between them."""

from __future__ import annotations

PROSPECT = "prospect"
FORMING, GROWING, STABLE, DECLINING = "forming", "growing", "stable", "declining"
INTERRUPTED, RECOVERED, REDEVELOPMENT = "interrupted", "recovered", "redevelopment"
# Acquire, keep, grow, end: in this order customers are shown.
STAGES = (PROSPECT, FORMING, RECOVERED, GROWING, STABLE, DECLINING, REDEVELOPMENT, INTERRUPTED)
BUYERS = STAGES[1:]  # in whose stages customers are that ever bought

NEW_DAYS = 180  # half a year, after which who is still there has mostly made a habit of it
SILENCES = 3  # times the usual time between orders: with chance alone one order in twenty is later
SHORTEST_SILENCE, LONGEST_SILENCE = 90, 730  # days that anybody may be silent, and that nobody may
FIRST_SILENCE = 365  # days, of who ordered once and has no rhythm yet
GRACE = 30  # days after a contract in which it is renewed late
WINDOW = 6  # months that are compared with as many before
GROWN, SHRUNK = (3, 2), (2, 3)  # ratios of the two beyond which a customer grows or declines
HISTORY = 24  # months of moves that are kept
YEAR = 12  # months over which it is averaged what a stage gives
