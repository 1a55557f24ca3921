"""Tests: the embedded PostgreSQL and Valkey, a folder of their own, fast password hashes."""

import re
import tempfile

from config.settings.base import *  # noqa: F403
from config.settings.base import BASE_DIR, CACHE_URL, CACHES, DATABASES, env

SECRET_KEY = "only-for-tests"  # noqa: S105
ENVIRONMENT = "test"
# A database in which the migrations have run already: config/embedded/template.py.
DATABASES["default"]["TEST"] = {"TEMPLATE": env("TEST_DATABASE_TEMPLATE", default=None)}
# A cache database for each process of pytest-xdist: one test's `clear()` must not empty another's.
_process = int(env("PYTEST_XDIST_WORKER", default="gw0").removeprefix("gw"))
CACHES["default"]["LOCATION"] = re.sub(
    r"\d+$", lambda number: str(int(number[0]) + _process), CACHE_URL
)
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# Folders of this process's own, in the folder of the test run, which goes with the run.
_folder = env("TEST_FOLDER", default=None)
MEDIA_ROOT = tempfile.mkdtemp(prefix="second-look-media-", dir=_folder)
TRAINING_FOLDER = tempfile.mkdtemp(prefix="second-look-training-", dir=_folder)
TRAINING_THREADS = 1
INFERENCE_CACHE_DIR = tempfile.mkdtemp(prefix="second-look-models-", dir=_folder)
STORAGES = {
    "default": {
        "BACKEND": "clinic.storage.PrivateFileStorage",
        "OPTIONS": {"location": MEDIA_ROOT},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
STATIC_ROOT = BASE_DIR / "var/test-static"
ACCOUNT_RATE_LIMITS = False  # type: ignore[assignment]  # allauth: none at all
