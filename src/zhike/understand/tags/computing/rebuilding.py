"""Tags computed alone, over the refresh in force, with those that are made of them; all others keep their files."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from zhike.progress import Progress
from zhike.understand.tags.computing.plan import depending_on
from zhike.understand.tags.computing.steps import TAGS_STEP, TagGathering
from zhike.understand.tags.definitions import NoSuchTag, published_tags
from zhike.understand.tags.vocabularies import whole_vocabulary
from zhike.warehouse.models import Refresh
from zhike.warehouse.services import amend_refresh

LONGEST = Refresh._meta.get_field("only").max_length or 0


def rebuild_tag(name: str, *, progress: Progress | None = None) -> Refresh:
    """One tag computed alone. Raises as rebuild_tags."""
    return rebuild_tags([name], progress=progress)


def rebuild_tags(names: Sequence[str], *, progress: Progress | None = None) -> Refresh:
    """The refresh in force with these published tags computed anew, as a new refresh that differs in nothing else.

    Whoever is killed meanwhile has changed nothing. Raises AlreadyRunning, NothingPublished, NoSuchTag, and the
    RuleError of a rule that cannot be computed.
    """
    tags = {tag.name: tag for tag in published_tags()}
    for name in names:
        if name not in tags:
            raise NoSuchTag(_("no tag “%(name)s” is in force") % {"name": name})
    trees = {name: tag.tree for name, tag in tags.items() if tag.tree is not None}
    audiences = import_string(settings.AUDIENCE_RULES)()
    vocabulary = whole_vocabulary()
    wanted = {*names, *depending_on(names, trees, audiences, vocabulary)}
    spelt = ", ".join(names)
    return amend_refresh(
        TAGS_STEP,
        only=spelt if len(spelt) <= LONGEST else spelt[: LONGEST - 1] + "…",
        begin=lambda refreshing: TagGathering(refreshing, only=wanted, strictly=names),
        progress=progress,
    )
