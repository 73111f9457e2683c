"""Django's settings, derived from the installation's."""

from __future__ import annotations

import secrets
from urllib.parse import parse_qsl, unquote, urlsplit

from zhike.errors import UserError
from zhike.installation import Installation, read_installation

ZHIKE = read_installation()


def _database(installation: Installation) -> dict[str, object]:
    if not installation.database_url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": installation.home / "zhike.db",
            # IMMEDIATE: a transaction that will write waits at its start instead of failing in its middle.
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
            },
        }
    url = urlsplit(installation.database_url)
    if url.scheme not in ("postgresql", "postgres"):
        raise UserError(
            f"cannot use a database of kind {url.scheme!r}",
            where="ZHIKE_DATABASE_URL",
            advice="Use postgresql://user:password@host:port/name, or leave it empty for SQLite.",
        )
    options = dict(parse_qsl(url.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": url.path.lstrip("/"),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": options.pop("host", None) or url.hostname or "",
        "PORT": str(url.port or ""),
        "OPTIONS": options,
    }


DATABASES = {"default": _database(ZHIKE)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django_tasks",
    "django_tasks_db",
    "zhike.warehouse",
    "zhike.operate.jobs",
    "zhike.collect.sources",
]

# What a refresh computes, in order; a name, because the list stands above the code that runs it.
REFRESH_STEPS = "zhike.config.refresh.STEPS"

# What background jobs do, by kind; names, for the same reason.
JOB_KINDS = {"refresh": "zhike.config.jobs.refresh", "import": "zhike.config.jobs.import_"}

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}

USE_TZ = True
TIME_ZONE = "UTC"
# Drawn by `zhike init`; until then nothing is signed that has to last.
_kept_key = ZHIKE.home / "secret_key"
SECRET_KEY = ZHIKE.secret_key or (_kept_key.read_text() if _kept_key.exists() else secrets.token_urlsafe(50))

LOGGING_CONFIG = None  # zhike.config.logs sets logging up
