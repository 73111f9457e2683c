"""What definitions in files would change: of the definitions, and of who has the tags, before anything is applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from zhike.errors import UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.rules.text import parse, text_of
from zhike.rules.vocabulary import KnownTag, TagKind, Vocabulary
from zhike.understand.tags.circles import audience_trees, check_circles
from zhike.understand.tags.defining.contents import Content, checked_content
from zhike.understand.tags.defining.exporting import text_of_tag
from zhike.understand.tags.defining.files import WORDS, BadDefinition, TagFile, TagText
from zhike.understand.tags.defining.movement import Counting, Movement, counting_with, movement_of
from zhike.understand.tags.defining.services import checked_tag
from zhike.understand.tags.definitions import drafted_tags, possible_values, published_tags
from zhike.understand.tags.models import Tag, TagVersion
from zhike.understand.tags.vocabularies import vocabulary
from zhike.warehouse.queries import NothingPublished, published


@dataclass(frozen=True)
class FieldChange:
    """A key of a definition that a file says otherwise."""

    field: str
    before: str
    after: str


@dataclass(frozen=True)
class TagDifference:
    """What a file would change of a tag; `movement` is None where its rule stays, or nobody can be counted."""

    name: str
    path: Path
    state: str  # new, changed (another version), described (other words only) or same
    fields: tuple[FieldChange, ...]
    movement: Movement | None
    problem: str = ""  # why nobody can be counted


@dataclass(frozen=True)
class Compared:
    """A file with what it says, checked, and the tag as it is."""

    file: TagFile
    words: Mapping[str, str]  # as they are kept
    content: Content
    tag: Tag | None
    newest: TagVersion | None

    @property
    def says_more(self) -> bool:
        """The file says other words than the tag has."""
        return self.tag is not None and any(getattr(self.tag, name) != text for name, text in self.words.items())

    @property
    def means_more(self) -> bool:
        """The file means something else than the newest version."""
        return self.newest is None or _meaning(self.newest) != _meaning_of(self.content)


def compare_files(files: Sequence[TagFile]) -> tuple[TagDifference, ...]:
    """What each file would change, with who would join and leave. Raises BadDefinition, Denied."""
    require(Right.SEE_CUSTOMERS)
    compared = checked_files(files)
    try:
        now = published()
    except NothingPublished:
        return tuple(_difference(one, None) for one in compared)
    trees = {one.file.text.name: one.content.tree for one in compared if one.content.tree is not None}
    counting = counting_with(trees, now)
    return tuple(_difference(one, counting) for one in compared)


def checked_files(files: Sequence[TagFile]) -> tuple[Compared, ...]:
    """The files with what they say, which may name one another. Raises BadDefinition with file and line, Denied."""
    require(Right.DEFINE_TAGS)
    known = vocabulary(extra=[*drafted_tags().values(), *known_by(files)])
    names = [file.text.name for file in files]
    tags = {tag.name: tag for tag in Tag.objects.filter(name__in=names).prefetch_related("versions")}
    compared = tuple(_compared(file, tags.get(file.text.name), known) for file in files)
    _check_circles(compared)
    return compared


def _check_circles(compared: Sequence[Compared]) -> None:
    trees = {tag.name: tag.tree for tag in published_tags() if tag.tree is not None}
    trees |= {one.file.text.name: one.content.tree for one in compared if one.content.tree is not None}
    audiences = audience_trees()
    for one in compared:
        try:
            check_circles(trees, audiences, [one.file.text.name])
        except UserError as error:
            raise one.file.located(error, "rule") from error


def known_by(files: Sequence[TagFile]) -> list[KnownTag]:
    """The tags that files define, as other rules may name them. Raises BadDefinition."""
    return [_known_by(file) for file in files]


def _known_by(file: TagFile) -> KnownTag:
    text = file.text
    if text.kind not in Tag.Kind.values:
        raise BadDefinition(
            _("“%(kind)s” is no kind of tag") % {"kind": text.kind},
            where=file.at("kind"),
            advice=_("Choose one of %(values)s.") % {"values": ", ".join(Tag.Kind.values)},
        )
    try:
        values = possible_values(parse(text.rule).tree) if text.rule else tuple(one.value for one in text.values)
    except UserError as error:
        raise file.located(error, "rule") from error
    return KnownTag(text.name, TagKind(text.kind), values)


def _compared(file: TagFile, tag: Tag | None, known: Vocabulary) -> Compared:
    text = file.text
    if tag is not None:
        _check_same(file, tag)
    try:
        said = checked_tag(name=text.name, kind=text.kind, origin=text.origin, words=text.words)
    except UserError as error:
        raise file.located(error, error.where if error.where in TagText.model_fields else "name") from error
    words = {name: getattr(said, name) for name in WORDS}
    is_set = said.is_set

    def content(later_fact: str, later_days: int | None) -> Content:
        return checked_content(
            rule=text.rule or None,
            kind=text.kind,
            is_set=is_set,
            values=[value.model_dump() for value in text.values],
            later_fact=later_fact,
            later_days=later_days,
            known=known,
        )

    try:
        found = content("", None)
    except UserError as error:
        raise file.located(error, error.where if error.where in TagText.model_fields else "rule") from error
    if text.later_fact or text.later_days is not None:
        try:
            found = content(text.later_fact, text.later_days)
        except UserError as error:
            raise file.located(error, error.where if error.where in TagText.model_fields else "later_fact") from error
    newest = None
    if tag is not None:
        open_ones = [one for one in tag.versions.all() if one.state != TagVersion.State.WITHDRAWN]
        newest = max(open_ones, key=lambda one: one.number, default=None)
    return Compared(file, words, found, tag, newest)


def _check_same(file: TagFile, tag: Tag) -> None:
    if tag.retired_at is not None:
        raise BadDefinition(
            _("the tag “%(name)s” is retired") % {"name": tag.name},
            where=file.at("name"),
            advice=_("Restore it first."),
        )
    if tag.origin != file.text.origin:
        raise BadDefinition(
            _("the tag “%(name)s” has another origin: %(origin)s") % {"name": tag.name, "origin": tag.origin},
            where=file.at("origin"),
            advice=_("What comes from elsewhere is another tag: give it a name of its own."),
        )
    was_published = any(version.published_at is not None for version in tag.versions.all())
    if was_published and tag.kind != file.text.kind:
        raise BadDefinition(
            _("the tag “%(name)s” is of another kind: %(kind)s") % {"name": tag.name, "kind": tag.kind},
            where=file.at("kind"),
            advice=_("What says something else is another tag: give it a name of its own."),
        )


def _difference(one: Compared, counting: Counting | None) -> TagDifference:
    name, tree = one.file.text.name, one.content.tree
    fields = tuple(_fields(one))
    state = "new" if one.tag is None else "changed" if one.means_more else "described" if fields else "same"
    movement, problem = None, ""
    if counting is not None and tree is not None and state in ("new", "changed"):
        try:
            movement = movement_of(name, tree, counting)
        except UserError as error:  # such as how a tag stood on a day of which nothing is kept
            problem = error.message
    return TagDifference(name, one.file.path, state, fields, movement, problem)


def _fields(one: Compared) -> list[FieldChange]:
    after = {**one.file.text.model_dump(), **one.words}
    before = text_of_tag(one.tag, one.newest).model_dump() if one.tag is not None else dict.fromkeys(after, "")
    if one.content.tree is not None:
        after["rule"] = text_of(one.content.tree)
    if one.content.later_fact is not None:
        after["later_fact"] = text_of(one.content.later_fact)
    after["values"] = list(one.content.values)
    return [
        FieldChange(name, _spelt(before[name]), _spelt(after[name]))
        for name in after
        if _spelt(before[name]) != _spelt(after[name])
    ]


def _spelt(value: object) -> str:
    if isinstance(value, list | tuple):
        return "; ".join(" = ".join(filter(None, map(str, one.values()))) for one in value)
    return "" if value is None else str(value)


def _meaning(version: TagVersion) -> tuple[object, ...]:
    values = [{"value": "", "title": "", "title_zh": "", **value} for value in version.values]
    return version.tag.kind, version.tree, values, version.later_fact, version.later_days


def _meaning_of(content: Content) -> tuple[object, ...]:
    stored = content.stored
    return content.kind, stored["tree"], stored["values"], stored["later_fact"], stored["later_days"]
