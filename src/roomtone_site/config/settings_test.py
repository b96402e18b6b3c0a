"""Settings of the tests: those of an installation, in a folder that is gone afterwards."""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import tempfile

_folder = tempfile.mkdtemp(prefix="roomtone-site-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.environ |= {
    "ROOMTONE_SITE_SECRET_KEY": secrets.token_urlsafe(50),
    "ROOMTONE_SITE_HOSTS": "testserver,localhost,127.0.0.1",
    "ROOMTONE_SITE_HTTPS": "0",
    "ROOMTONE_SITE_FOLDER": _folder,
}

from roomtone_site.config.settings import *  # noqa: E402, F403
from roomtone_site.config.settings import DATABASES, STORAGES  # noqa: E402

# A file, as an installation has it, and not memory, which threads cannot share.
DATABASES["default"].setdefault("TEST", {})
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"]["NAME"] = os.path.join(_folder, "test.sqlite3")
# Hashing that is slow on purpose is not what the tests are about.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
WHITENOISE_AUTOREFRESH = True
