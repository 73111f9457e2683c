"""Django's settings, derived from the installation's."""

from __future__ import annotations

import gc
import secrets
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from zhike.errors import UserError
from zhike.installation import Installation, read_installation

# Expressions are many small objects that refer to each other in both directions and live long: looking for garbage
# among them as often as Python does by default takes a sixth of a refresh.
gc.set_threshold(100_000, 50, 100)

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
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "ninja",  # brings the OpenAPI page's scripts
    "django_cotton.apps.SimpleAppConfig",
    "template_partials.apps.SimpleAppConfig",
    "django_tasks",
    "django_tasks_db",
    "zhike.warehouse",
    "zhike.ui",
    "zhike.govern.access",
    "zhike.operate.webhooks",
    "zhike.operate.jobs",
    "zhike.operate.refreshes",
    "zhike.collect.sources",
    "zhike.collect.identity",
    "zhike.collect.profiles",
    "zhike.collect.duplicates",
    "zhike.collect.quality",
    "zhike.understand.propensity",
    "zhike.understand.value",
    "zhike.understand.behaviour",
    "zhike.understand.affinity",
    "zhike.understand.migration",
    "zhike.understand.retention",
    "zhike.understand.what_if",
    "zhike.understand.tags",
    "zhike.understand.audiences",
    "zhike.understand.offers",
    "zhike.understand.customers",
    "zhike.collect.inbox",
]

MIDDLEWARE = [
    "zhike.ui.middleware.measured",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "zhike.govern.access.middleware.acting",
    "zhike.govern.access.middleware.unkept",
    "django.middleware.locale.LocaleMiddleware",
    "zhike.govern.access.middleware.in_own_language",
    "zhike.ui.middleware.bounded",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "zhike.ui.middleware.ShownErrors",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "zhike.config.urls"
APPEND_SLASH = True

_LOADERS = [
    "template_partials.loader.Loader",
    "django_cotton.cotton_loader.Loader",
    "django.template.loaders.app_directories.Loader",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            # Named, because cotton and partials each wrap what comes after them.
            "loaders": [(_LOADERS[0], [("django.template.loaders.cached.Loader", _LOADERS[1:])])],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "django_cotton.templatetags.cotton",
                "template_partials.templatetags.partials",
                "zhike.ui.templatetags.formats",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "zhike.ui.frame.frame",
                "zhike.govern.organisation.frame.scope",
            ],
        },
    }
]
COTTON_DIR = "components"

# What a refresh computes, in order; a name, because the list stands above the code that runs it.
REFRESH_STEPS = "zhike.config.refresh.STEPS"

# What rules may select on, as the capabilities declare it; names, for the same reason.
ATTRIBUTE_SETS = "zhike.config.vocabulary.ATTRIBUTE_SETS"
FACT_TABLES = "zhike.config.vocabulary.FACT_TABLES"
RELATIONS = "zhike.config.vocabulary.RELATIONS"
# The rules of saved audiences, which tags may name, though they lie below.
AUDIENCE_RULES = "zhike.understand.audiences.kept.audience_rules"

# What background jobs do, by kind; names, for the same reason.
JOB_KINDS = {
    "refresh": "zhike.config.jobs.refresh",
    "import": "zhike.config.jobs.import_",
    "tag": "zhike.config.jobs.tag",
}

# What comes round again in a worker, with the seconds between two rounds. Every flush leaves a file in the warehouse.
CHORES = {
    "zhike.collect.inbox.services.flush_inbox": 20,
    "zhike.operate.webhooks.services.deliver_webhooks": 2,
    "zhike.collect.sources.drafts.clean_uploads": 600,
}

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}

# Where the menu and the search for pages are defined; a name, because pages lie below this room.
NAVIGATION = "zhike.config.navigation.NAVIGATION"

# What the first page shows, and what search finds, by capability; names, for the same reason.
TODAY = [
    "zhike.operate.jobs.today.today",
    "zhike.understand.customers.today.today",
    "zhike.operate.refreshes.today.today",
    "zhike.understand.value.today.today",
    "zhike.understand.tags.today.today",
    "zhike.collect.quality.today.today",
    "zhike.collect.duplicates.today.today",
    "zhike.collect.sources.today.today",
]
SEARCHES = [
    "zhike.understand.customers.search.find",
    "zhike.understand.tags.search.find",
    "zhike.understand.audiences.search.find",
    "zhike.collect.sources.search.search",
]

# Lists lie below the room that knows who may take them away.
ASKED_BEFORE_EXPORT = "zhike.govern.access.services.require_export"

USE_TZ = True
TIME_ZONE = "UTC"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [Path(__file__).parents[1] / "locale"]
LANGUAGE_COOKIE_NAME = "zhike_language"
LANGUAGE_COOKIE_AGE = 365 * 86400

STATIC_URL = "/static/"
STATIC_ROOT = Path(__file__).parents[1] / "ui" / "built"  # written by `make install`, shipped in the wheel
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "zhike.ui.storage.HashedFiles"},
}
WHITENOISE_MAX_AGE = 3600  # names with a hash are kept for ever in any case
# Drawn by `zhike init`; until then nothing is signed that has to last.
_kept_key = ZHIKE.home / "secret_key"
SECRET_KEY = ZHIKE.secret_key or (_kept_key.read_text() if _kept_key.exists() else secrets.token_urlsafe(50))

LOGGING_CONFIG = None  # zhike.config.logs sets logging up

AUTH_USER_MODEL = "access.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "today"

# After five wrong passwords for one name from one address, that pair waits; an attacker elsewhere locks nobody out.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "zhike.govern.access.views.locked_out"
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS = ["username"]

SESSION_COOKIE_NAME = "zhike_session"
SESSION_COOKIE_AGE = 12 * 3600  # a working day
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ZHIKE.https
CSRF_COOKIE_NAME = "zhike_csrf"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "zhike.ui.views.csrf_failure"

DEBUG = False
ALLOWED_HOSTS = list(ZHIKE.hosts)
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ZHIKE.hosts if ZHIKE.https]
USE_X_FORWARDED_HOST = False
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ZHIKE.https else None
SECURE_HSTS_SECONDS = 31536000 if ZHIKE.https else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "manifest-src": ["'self'"],
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 10**6  # bodies other than files; the API's batches
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 10**6  # larger files go to disk as they arrive
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
