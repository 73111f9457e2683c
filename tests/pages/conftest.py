"""Pages of the small company, as somebody with all rights, with some, or with none sees them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import resolve
from tests.understand.conftest import company as company
from tests.understand.conftest import holders as holders

from zhike.govern.access.actors import NOBODY, Actor, ActorKind, acting_as
from zhike.govern.access.models import User
from zhike.govern.access.rights import Right

Open = Callable[..., HttpResponse]


@pytest.fixture
def administrator(db: None) -> User:
    """Somebody who may do everything."""
    return User.objects.create(username="ann", is_superuser=True, is_staff=True)


@pytest.fixture
def browser(administrator: User) -> Iterator[Client]:
    """The administrator's browser; what it does is done by the administrator, not by the test."""
    cache.clear()
    client = Client()
    client.force_login(administrator, backend="django.contrib.auth.backends.ModelBackend")
    with acting_as(NOBODY):
        yield client


@contextmanager
def _somebody(rights: tuple[Right, ...]) -> Iterator[User]:
    user, _ = User.objects.get_or_create(username="bob")
    with acting_as(Actor(ActorKind.USER, user.pk, "bob", frozenset(rights))):
        yield user


@pytest.fixture
def open_with(db: None) -> Open:
    """Opens a page as somebody who has only these rights."""

    def open_page(path: str, *rights: Right) -> HttpResponse:
        with _somebody(rights) as user:
            request = RequestFactory().get(path)
            request.user = user
            request.resolver_match = match = resolve(request.path)
            SessionMiddleware(lambda _: HttpResponse()).process_request(request)
            MessageMiddleware(lambda _: HttpResponse()).process_request(request)
            request.htmx = False  # type: ignore[attr-defined]
            response: HttpResponse = match.func(request, *match.args, **match.kwargs)
            return response

    return open_page
