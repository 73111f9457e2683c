"""What can be taken back in the builder: earlier states of its rows, carried by the page itself."""

from __future__ import annotations

import json

MOST_STEPS = 30
MOST_CHARACTERS = 8_000


def read_states(text: str) -> list[str]:
    """The states that a page carries; none where they are not what a page of ours carries."""
    try:
        found = json.loads(text or "[]")
    except (ValueError, RecursionError):
        return []
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def remembered(states: list[str], state: str) -> list[str]:
    """The states and one more, without the oldest where there are too many."""
    kept = [*states, state][-MOST_STEPS:]
    while len(kept) > 1 and sum(map(len, kept)) > MOST_CHARACTERS:
        kept.pop(0)
    return kept


def changed_field(was: str, now: str) -> str:
    """The one field in which two states differ; empty where it is more than one, or whole rows."""
    return _changed(json.loads(was), json.loads(now), "")


def _changed(was: object, now: object, path: str) -> str:
    if isinstance(was, dict) and isinstance(now, dict):
        names = [name for name in {**was, **now} if was.get(name) != now.get(name)]
        return _changed(was.get(names[0], ""), now.get(names[0], ""), f"{path}.{names[0]}") if len(names) == 1 else ""
    if isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        places = [place for place, (one, other) in enumerate(zip(was, now, strict=True)) if one != other]
        return _changed(was[places[0]], now[places[0]], f"{path}.{places[0]}") if len(places) == 1 else ""
    return path if isinstance(was, str) and isinstance(now, str) else ""
