"""The application that a web server runs: pages and API."""

from __future__ import annotations

import contextlib
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhike.config.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import DatabaseError
from django.urls import resolve

from zhike.config.logs import configure_logs
from zhike.errors import UserError
from zhike.govern.organisation.queries import units

application = get_wsgi_application()
configure_logs(settings.ZHIKE, to_stderr=True)
# The first reader need not wait for what every process loads once: all views, the engine, the org tree.
with contextlib.suppress(UserError, DatabaseError):
    resolve("/")
    units()
