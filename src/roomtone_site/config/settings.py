"""The site's settings. What differs between installations comes from the environment."""

from __future__ import annotations

import os
from pathlib import Path

from roomtone_site.config.environment import YOUTUBE_KEY, Environment

_environment = Environment(os.environ)

DEBUG = _environment.debug
SECRET_KEY = _environment.secret("SECRET_KEY")
ALLOWED_HOSTS = _environment.hosts()
SITE_FOLDER: Path = _environment.folder()
MODELS_FOLDER = SITE_FOLDER / "models"
UPLOADS_FOLDER = SITE_FOLDER / "uploads"  # files that wait for a worker; nothing of it is served
DATABASES = {"default": _environment.database(SITE_FOLDER)}
YOUTUBE_API_KEY = os.environ.get(YOUTUBE_KEY, "").strip()
YOUTUBE_API_ENDPOINT = _environment.endpoint()
_https = _environment.flag("HTTPS", default=not DEBUG)
_hsts = _environment.number("HSTS_SECONDS", 365 * 24 * 3600)
BEHIND_PROXY = _environment.flag("PROXY", default=False)
API_REQUESTS_PER_MINUTE = _environment.number("API_REQUESTS", 600)
API_TEXTS_PER_MINUTE = _environment.number("API_TEXTS", 30_000)
SIGN_UP = _environment.flag("SIGN_UP", default=True)
EXPORT_API_DATA = _environment.flag("EXPORT_API_DATA", default=False)
WORKER_LEASE = max(_environment.number("LEASE", 60), 1)
_environment.check()

INSTALLED_APPS = [
    "roomtone_site.limits",
    "roomtone_site.accounts",
    "roomtone_site.comments",
    "roomtone_site.analysis",
    "roomtone_site.labelling",
    "roomtone_site.api",
    "roomtone_site.pages",
    "django_tasks",
    "django_tasks_db",
    "ninja",
    "django_htmx",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "roomtone_site.config.middleware.protective_headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "roomtone_site.config.urls"
WSGI_APPLICATION = "roomtone_site.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "accounts:login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = SITE_FOLDER / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
MEDIA_ROOT = SITE_FOLDER / "media"  # nothing of it is served

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000  # a larger file goes to the disk, not into memory
FILE_UPLOAD_HANDLERS = [
    "roomtone_site.config.bodies.BodyLimit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

SECURE_SSL_REDIRECT = _https
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = _hsts if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_AGE = 14 * 24 * 3600
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = [
    f"https://{'*' if name.startswith('.') else ''}{name}" for name in ALLOWED_HOSTS if _https
]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "roomtone_site": {"level": "INFO"},
        "django_tasks": {"level": "INFO"},
        # Django gives this one a handler of its own while debugging only.
        "django.server": {"handlers": ["console"], "level": "INFO", "propagate": False},
    },
}
