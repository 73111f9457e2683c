"""The application that a web server runs: pages and API."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhike.config.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from zhike.config.logs import configure_logs

application = get_wsgi_application()
configure_logs(settings.ZHIKE, to_stderr=True)
