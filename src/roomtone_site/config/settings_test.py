"""Settings of the tests: those of an installation, in a folder that is gone afterwards."""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import sys
import tempfile

_folder = os.path.join(tempfile.gettempdir(), f"roomtone-site-{secrets.token_hex(8)}")
if "pytest" in sys.modules:  # type checkers read this, too, and leave without cleaning up
    os.mkdir(_folder, 0o700)
    atexit.register(shutil.rmtree, _folder, ignore_errors=True)
_given = os.environ.get("DATABASE_URL")
os.environ["DATABASE_URL"] = _given or f"sqlite:///{_folder}/site.sqlite3"
os.environ |= {
    "ROOMTONE_SITE_SECRET_KEY": secrets.token_urlsafe(50),
    "ROOMTONE_SITE_HOSTS": "testserver,localhost,127.0.0.1",
    "ROOMTONE_SITE_HTTPS": "0",
    "ROOMTONE_SITE_FOLDER": _folder,
}

from roomtone_site.config.settings import *  # noqa: E402, F403
from roomtone_site.config.settings import DATABASES, STORAGES  # noqa: E402

if not _given:  # processes that tests start have databases of their own
    del os.environ["DATABASE_URL"]
# A file, as an installation has it, and not memory, which threads cannot share.
DATABASES["default"].setdefault("TEST", {})
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"]["NAME"] = os.path.join(_folder, "test.sqlite3")
# Hashing that is slow on purpose is not what the tests are about.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
WHITENOISE_AUTOREFRESH = True
