"""Every request is made by somebody, and answered in their language."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from zhike.govern.access.actors import NOBODY, acting_as
from zhike.govern.access.models import User
from zhike.govern.access.services import actor_of

Answer = Callable[[HttpRequest], HttpResponse]


def acting(answer: Answer) -> Answer:
    """Names the actor of a request: whoever signed in. The API names a token's instead."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        with acting_as(actor_of(user) if isinstance(user, User) else NOBODY):
            return answer(request)

    return middleware


def unkept(answer: Answer) -> Answer:
    """Keeps what somebody signed in sees out of every cache: after signing out, nobody reads it by going back."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            response.headers["Cache-Control"] = "private, no-store"
        return response

    return middleware


def in_own_language(answer: Answer) -> Answer:
    """Answers a user in the language they chose; others in that of their cookie or browser."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        if isinstance(user, User) and user.language:
            translation.activate(user.language)
            request.LANGUAGE_CODE = user.language
        return answer(request)

    return middleware
