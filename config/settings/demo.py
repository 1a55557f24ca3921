"""The demo on one machine: embedded servers, files on disk, synthetic patients."""

import secrets

from config.settings.base import *  # noqa: F403
from config.settings.base import VAR_DIR, env

ENVIRONMENT = "demo"
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
# The demo's worker and its gunicorn share two cores with PostgreSQL.


def _kept_secret() -> str:
    """A key of this demo's own, so that a restart does not sign everybody out."""
    path = VAR_DIR / "secret-key"
    if not path.exists():
        VAR_DIR.mkdir(parents=True, exist_ok=True)
        path.write_text(secrets.token_urlsafe(48))
        path.chmod(0o600)
    return path.read_text()


SECRET_KEY = env("SECRET_KEY", default="") or _kept_secret()
