"""What a watching system asks."""

from __future__ import annotations

import os

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from zhike.govern.access.actors import acting_as, current_actor
from zhike.govern.access.rights import Right
from zhike.govern.access.services import actor_of_secret, may
from zhike.ui.metrics import exposition


@login_not_required
@require_safe
def healthy(request: HttpRequest) -> HttpResponse:
    """Whether this process can answer: 200 with `ok`, or 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"ok": False, "wrong": "database"}, status=503)
    return JsonResponse({"ok": True})


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for whoever may read them: somebody signed in, or `Authorization: Bearer` with a token."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    bearer = actor_of_secret(secret) if scheme.lower() == "bearer" else None
    with acting_as(bearer or current_actor()):
        if not may(Right.SEE_METRICS):
            return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    text = exposition(is_multiprocess="PROMETHEUS_MULTIPROC_DIR" in os.environ)
    return HttpResponse(text, content_type="text/plain; version=0.0.4; charset=utf-8")
