"""What somebody may have meant by a name that there is not."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

SHOWN = 12  # names that are listed where none is near
SHORTEST = 3  # letters that tell what a name begins with


def nearest_name(name: str, known: Iterable[str], titles: Mapping[str, str] | None = None) -> str:
    """The known name that is spelt most like a name, titled so, or begins with it; empty if none is."""
    spelt = {one.lower(): one for one in known}
    titled = {title.lower(): one for one, title in (titles or {}).items()}
    for found, cutoff in ((spelt, 0.6), (titled, 0.8)):
        if close := difflib.get_close_matches(name.lower(), found, n=1, cutoff=cutoff):
            return found[close[0]]
    longer = [one for one in spelt if len(name) >= SHORTEST and one.startswith(name.lower())]
    return spelt[min(longer)] if longer else ""


def did_you_mean(name: str, known: Iterable[str], titles: Mapping[str, str] | None = None) -> str:
    """Advice to whoever wrote a name that there is not: the nearest one, else those that there are."""
    names = sorted(known)
    if near := nearest_name(name, names, titles):
        return _("Did you mean “%(name)s”?") % {"name": near}
    if not names:
        return _("There are none.")
    listed = ", ".join(names[:SHOWN])
    return _("Known here: %(names)s.") % {"names": f"{listed} …" if len(names) > SHOWN else listed}
