"""The one place that is asked who may do what; and the tokens of machines."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.errors import NotFound, UserError
from zhike.govern.access.actors import NOBODY, OPERATOR, Actor, ActorKind, current_actor
from zhike.govern.access.models import ApiToken, User
from zhike.govern.access.rights import ALL_RIGHTS, Right
from zhike.warehouse.locks import exclusive

LONGEST_TOKEN_DAYS = 366


class Denied(UserError):
    """Who asks may not do this."""

    status = 403


class AlreadyOpened(UserError):
    """The first administrator exists."""


def may(right: Right) -> bool:
    """Whether whoever acts now has the right."""
    return right in current_actor().rights


def require(right: Right) -> Actor:
    """Who acts now. Raises Denied if they lack the right."""
    actor = current_actor()
    if right not in actor.rights:
        raise Denied(
            _("you may not %(act)s") % {"act": right.label},
            where=actor.name,
            advice=_("An administrator can give you the right."),
        )
    return actor


def require_export() -> None:
    """Nothing. Raises Denied for who may not export lists."""
    require(Right.EXPORT)


def actor_of(user: User) -> Actor:
    """The actor that a signed-in user is. Administrators have every right; roles come with governance."""
    rights = ALL_RIGHTS if user.is_active and user.is_superuser else frozenset()
    from zhike.govern.organisation.queries import unit_of  # loads the engine, which commands do not all need

    # A unit that a later import knows no more narrows nothing, rather than everything.
    unit = user.unit if user.unit and unit_of(user.unit) else ""
    return Actor(ActorKind.USER, user.pk, str(user), rights, unit)


def recalled_actor(kind: str, actor_id: int | None) -> Actor:
    """The actor who asked for something earlier, with the rights they have today; NOBODY if they are gone."""
    match kind:
        case ActorKind.OPERATOR:
            return OPERATOR
        case ActorKind.USER:
            user = User.objects.filter(pk=actor_id or 0, is_active=True).first()
            return actor_of(user) if user else NOBODY
        case ActorKind.TOKEN:
            token = ApiToken.objects.filter(pk=actor_id or 0).first()
            return _actor_of_token(token) if token else NOBODY
    return NOBODY


def is_opened() -> bool:
    """Somebody may sign in already."""
    return User.objects.exists()


def create_administrator(*, username: str, password: str, language: str = "") -> User:
    """The first user, who may do everything. Raises AlreadyOpened if there is one, UserError for a weak password."""
    user = User(username=username, is_superuser=True, is_staff=True, language=language)
    try:
        user.clean_fields(exclude=["password"])
        validate_password(password, user)
    except ValidationError as error:
        raise UserError(" ".join(error.messages)) from error
    user.set_password(password)
    # Two first visits at once must not make two administrators.
    with exclusive("first-administrator", what="a first sign-in", wait=True):
        if is_opened():
            raise AlreadyOpened(_("there is an administrator already"), advice=_("Sign in instead."))
        user.save()
    return user


def issue_token(*, name: str, rights: Iterable[Right], days: int = 90) -> tuple[ApiToken, str]:
    """A token and its secret, which is shown once and not kept. Nobody can give a right they lack.

    Raises Denied, and UserError for a life that is too long.
    """
    actor = require(Right.MANAGE_TOKENS)
    wanted = frozenset(rights)
    if not 1 <= days <= LONGEST_TOKEN_DAYS:
        raise UserError(_("a token lives 1 to %(days)s days") % {"days": LONGEST_TOKEN_DAYS})
    if not name.strip():
        raise UserError(_("a token needs a name that says who uses it"))
    if not wanted:
        raise UserError(_("a token without any right is of no use"))
    if not wanted <= actor.rights:
        raise Denied(_("nobody can give rights they lack"), where=actor.name)
    secret = "zhk_" + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        name=name.strip(),
        prefix=secret[:12],
        digest=_digest(secret),
        rights=sorted(wanted),
        issued_by_id=actor.id if actor.kind == ActorKind.USER else None,
        expires_at=timezone.now() + timedelta(days=days),
    )
    return token, secret


def revoke_token(token_id: int) -> ApiToken:
    """The token, which opens nothing from now on. Raises UserError if there is none."""
    require(Right.MANAGE_TOKENS)
    token = ApiToken.objects.filter(pk=token_id).first()
    if token is None:
        raise NotFound(_("there is no token %(id)s") % {"id": token_id})
    token.revoked_at = token.revoked_at or timezone.now()
    token.save(update_fields=["revoked_at"])
    return token


def actor_of_secret(secret: str) -> Actor | None:
    """The actor that a token's secret names; None if it is unknown, revoked or expired."""
    token = ApiToken.objects.filter(digest=_digest(secret)).first()
    now = timezone.now()
    if token is None or not token.is_valid(now):
        return None
    if token.last_used_on != now.date():
        ApiToken.objects.filter(pk=token.pk).update(last_used_on=now.date())
    return _actor_of_token(token)


def _actor_of_token(token: ApiToken) -> Actor:
    if not token.is_valid(timezone.now()):
        return Actor(ActorKind.TOKEN, token.pk, token.name)
    return Actor(ActorKind.TOKEN, token.pk, token.name, frozenset(Right(name) for name in token.rights))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
