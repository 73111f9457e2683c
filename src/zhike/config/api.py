"""The API for machines, put together from one router for each capability."""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required, login_required
from django.core.cache import cache
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.operation import Operation
from ninja.security import HttpBearer
from ninja.throttling import BaseThrottle

from zhike.collect.duplicates.api import router as identity
from zhike.collect.inbox.api import router as inbox
from zhike.collect.quality.api import router as quality
from zhike.collect.sources.api import router as imports
from zhike.errors import UserError
from zhike.govern.access.actors import Actor, acting_as
from zhike.govern.access.problems import Fault, Problem
from zhike.govern.access.services import actor_of_secret
from zhike.operate.jobs.api import router as jobs
from zhike.operate.refreshes.api import router as refreshes
from zhike.operate.webhooks.api import router as webhooks
from zhike.ui.middleware import exceeded_limit, is_unreadable
from zhike.understand.affinity.api import router as affinity
from zhike.understand.audiences.api import router as audiences
from zhike.understand.behaviour.api import router as behaviour
from zhike.understand.customers.api import router as customers
from zhike.understand.migration.api import router as migration
from zhike.understand.offers.api import router as offers
from zhike.understand.propensity.api import router as propensity
from zhike.understand.retention.api import router as retention
from zhike.understand.tags.api import router as tags
from zhike.understand.value.api import router as value
from zhike.understand.what_if.api import router as what_if

logger = logging.getLogger("zhike.api")
Run = Callable[..., Any]


class ZhikeApi(NinjaAPI):
    """Operations are called as their functions are, not as their modules."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__


class Token(HttpBearer):
    """Who asks, by the secret of a token."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:  # noqa: ARG002
        return actor_of_secret(token)


class TokenRate(BaseThrottle):
    """So many requests for each token, to this process, in each period."""

    def allow_request(self, request: HttpRequest) -> bool:
        most, seconds = settings.ZHIKE.api_rate
        key = f"api-rate-{request.auth.id}-{int(time.time() // seconds)}"  # type: ignore[attr-defined]
        cache.add(key, 0, timeout=2 * seconds)
        return bool(cache.incr(key) <= most)

    def wait(self) -> float:
        seconds: int = settings.ZHIKE.api_rate[1]
        return seconds - time.time() % seconds


def acting(operation: Run) -> Run:
    """The operation is carried out by the token's actor."""

    @functools.wraps(operation)
    def carried_out(request: HttpRequest, *arguments: Any, **named: Any) -> Any:
        with acting_as(request.auth):  # type: ignore[attr-defined]
            return operation(request, *arguments, **named)

    return carried_out


def limited(run: Run) -> Run:
    """What cannot be read is refused, and a body that is too large before it is read."""

    @functools.wraps(run)
    def refused_or_run(request: HttpRequest, **named: Any) -> Any:
        if is_unreadable(request):
            return answer_unreadable(request, BadRequest())
        most = exceeded_limit(request)
        if most is not None:
            return problem(request, 413, _("the body is larger than %(limit)s MB") % {"limit": most // 10**6})
        return run(request, **named)

    return refused_or_run


def documentation(view: Run) -> Run:
    """Shown to who signed in, and to programs with a token."""

    @functools.wraps(view)
    def shown(request: HttpRequest, **named: Any) -> Any:
        return view(request, **named) if Token()(request) else login_required(view)(request, **named)

    return shown


api = ZhikeApi(
    title="Zhike API",
    version="1",
    urls_namespace="api",
    description="Authenticate with `Authorization: Bearer` and a token (`zhike tokens issue`). Everything that goes "
    "wrong is answered with a message, where it is wrong, and what to do.",
    auth=Token(),
    throttle=[TokenRate()],
    docs_decorator=documentation,
)
api.add_decorator(acting, mode="operation")
api.add_decorator(limited, mode="view")
for router in (
    customers,
    identity,
    quality,
    value,
    behaviour,
    propensity,
    affinity,
    offers,
    migration,
    retention,
    what_if,
    tags,
    audiences,
    inbox,
    imports,
    refreshes,
    jobs,
    webhooks,
):
    api.add_router("", router)


def problem(
    request: HttpRequest,
    status: int,
    message: str,
    *,
    where: str = "",
    advice: str = "",
    faults: tuple[Fault, ...] = (),
) -> HttpResponse:
    """The answer to a request that is not carried out."""
    said = Problem(message=message, where=where, advice=advice, faults=list(faults))
    return api.create_response(request, said.model_dump(), status=status)


@api.exception_handler(UserError)
def answer_user_error(request: HttpRequest, error: UserError) -> HttpResponse:
    """What the user can mend, as it is."""
    faults = tuple(Fault(where=where, message=message) for where, message in getattr(error, "faults", ()))
    return problem(request, error.status, error.message, where=error.where, advice=error.advice, faults=faults)


@api.exception_handler(ValidationError)
def answer_validation_error(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Every place of the request that is not as documented."""
    faults = tuple(Fault(where=".".join(map(str, fault["loc"])), message=fault["msg"]) for fault in error.errors)
    first = faults[0]
    return problem(request, 422, first.message, where=first.where, faults=faults)


@api.exception_handler(HttpError)
def answer_http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    """What ninja finds: no token (401), too many requests (429), a body that cannot be read (400)."""
    advice = ""
    if error.status_code == 401:
        advice = _("Send the header `Authorization: Bearer` with a token that is valid: `zhike tokens issue`.")
    return problem(request, error.status_code, error.message, advice=advice)


@api.exception_handler(MultiPartParserError)
@api.exception_handler(SuspiciousOperation)
@api.exception_handler(BadRequest)
def answer_unreadable(request: HttpRequest, error: Exception) -> HttpResponse:
    """A request that is not even one."""
    return problem(request, 400, _("the request cannot be read"))


@api.exception_handler(Exception)
def answer_bug(request: HttpRequest, error: Exception) -> HttpResponse:
    """A bug: its kind and place go to the log, not its text."""
    logger.error("bug", exc_info=error, extra={"path": request.path})
    return problem(request, 500, _("Zhike has a bug"), advice=_("Its log says where; please report it."))


@login_not_required
@csrf_exempt
def no_such_address(request: HttpRequest) -> HttpResponse:
    """What everything below /api/ answers that is no operation."""
    return problem(request, 404, _("there is no such address"), advice=_("/api/v1/docs lists those that there are."))


addresses = api.urls
for pattern in addresses[0]:
    assert pattern.callback is not None
    login_not_required(pattern.callback)  # a token opens them, and what documents them asks itself
