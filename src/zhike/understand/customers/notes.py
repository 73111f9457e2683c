"""Notes on the single view."""

from __future__ import annotations

from typing import Any

from zhike.collect.profiles.words import ORGANISATION_NOTES, PERSONAL_NOTES
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may
from zhike.understand.customers.profiles import CustomerProfile


def notes_context(profile: CustomerProfile) -> dict[str, Any]:
    """The notes on the page: those on anything, and those on what helps a relation, by what they are about."""
    kinds = ORGANISATION_NOTES if profile.identity.get("kind") == "organisation" else PERSONAL_NOTES
    told = [(words, [note for note in profile.notes if note.kind == kind]) for kind, words in kinds.items()]
    told = [(words, notes) for words, notes in told if notes]
    sees_all = kinds is ORGANISATION_NOTES or may(Right.SEE_PERSONAL_DATA)
    return {
        "notes": [note for note in profile.notes if note.kind not in kinds],
        "told": told,
        "shows_told": bool(told) or sees_all,
        "note_kinds": list(kinds.items()),
        "is_personal": kinds is PERSONAL_NOTES,
        "may_note": may(Right.WRITE_NOTES),
        "may_tell": may(Right.WRITE_NOTES) and sees_all,
    }
