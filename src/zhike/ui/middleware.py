"""What happens to every request: it is counted, and what a user can mend is shown as it is."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from zhike.errors import UserError
from zhike.ui.metrics import REQUEST_SECONDS
from zhike.ui.typed import MOST_DIGITS

Answer = Callable[[HttpRequest], HttpResponse]


def measured(answer: Answer) -> Answer:
    """Records how long each kind of page took."""

    def middleware(request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = answer(request)
        match = request.resolver_match
        page = match.route if match else "none"
        status = f"{response.status_code // 100}xx"
        REQUEST_SECONDS.labels(request.method, page, status).observe(time.perf_counter() - started)
        return response

    return middleware


def exceeded_limit(request: HttpRequest) -> int | None:
    """The bytes that the body may have, if it says that it has more; known before a byte of it is read."""
    is_file = request.content_type == "multipart/form-data"
    most: int = settings.ZHIKE.upload_limit if is_file else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    length = request.META.get("CONTENT_LENGTH") or "0"
    is_more = length.isdecimal() and (len(length) > MOST_DIGITS or int(length) > most)
    return most if is_more else None


def is_unreadable(request: HttpRequest) -> bool:
    """Its address has the character U+0000, which no query can hold."""
    return "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", "")


def bounded(answer: Answer) -> Answer:
    """Refuses what cannot be read, and a body that is too large; the API answers such in its own way."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/api/"):
            return answer(request)
        if is_unreadable(request):
            raise BadRequest
        most = exceeded_limit(request)
        if most is not None:
            error = UserError(
                _("what was sent is larger than %(limit)s MB") % {"limit": f"{most / 10**6:,.0f}"},
                advice=_("Import a larger file with the command `zhike import`, or raise ZHIKE_UPLOAD_LIMIT."),
            )
            return render(request, "ui/user_error.html", {"error": error, "code": 413}, status=413)
        return answer(request)

    return middleware


class ShownErrors:
    """Shows a UserError as a page (or, to htmx, as a toast) instead of an error of ours."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, UserError):
            return None
        status = error.status
        template = "ui/error_toast.html" if getattr(request, "htmx", False) else "ui/user_error.html"
        return render(request, template, {"error": error, "code": status}, status=status)
