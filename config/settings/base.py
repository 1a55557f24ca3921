"""What every environment shares. Values that differ come from environment variables."""

from pathlib import Path

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.urls import reverse_lazy

from config.settings.api import *  # noqa: F403
from config.settings.learning import *  # noqa: F403

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR_DIR = BASE_DIR / "var"
env = environ.Env()

DEBUG = False
SECRET_KEY = env("SECRET_KEY", default="")
# Keys that were in force before: what they signed or encrypted can still be read.
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
ENVIRONMENT = "production"

INSTALLED_APPS = [
    "config.apps.ClinicAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "csp",
    "django_htmx",
    "pgtrigger",
    "pghistory",
    "pghistory.admin",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "oauth2_provider",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "accounts",
    "clinic",
    "inference",
    "config.apps.HouseConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.ActiveOrganisationMiddleware",
    "accounts.middleware.DomainErrorMiddleware",
    "pghistory.middleware.HistoryMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.shell.shell",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

# --- The database is PostgreSQL, everywhere -------------------------------------------------
DATABASES = {"default": env.db_url("DATABASE_URL", default="postgres:///second_look")}
DATABASES["default"]["ATOMIC_REQUESTS"] = False
DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {
    "min_size": env.int("DATABASE_POOL_MIN", default=1),
    "max_size": env.int("DATABASE_POOL_MAX", default=12),
    "timeout": 10,
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Broker and cache -----------------------------------------------------------------------
CACHE_URL = env("CACHE_URL", default="redis://127.0.0.1:6379/1")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CACHE_URL}
}
CELERY_BROKER_URL = env("BROKER_URL", default="redis://127.0.0.1:6379/0")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 30 * 60
CELERY_TASK_SOFT_TIME_LIMIT = 29 * 60
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# What takes hours has a queue of its own, so that a GPU machine can be its only consumer.
CELERY_TASK_ROUTES = {
    "inference.tasks.train_task": {"queue": "training"},
    "inference.tasks.tidy_training_task": {"queue": "training"},
}
# A web request must not hang on a broker that is down: the row is queued, the sweep finds it.
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 1, "socket_timeout": 10}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "sweep-predictions": {"task": "inference.tasks.sweep_task", "schedule": 60.0},
    "sweep-promotion": {"task": "inference.tasks.promotion_task", "schedule": 60.0},
    "sweep-training": {"task": "inference.tasks.sweep_training_task", "schedule": 60.0},
    "tidy-training": {"task": "inference.tasks.tidy_training_task", "schedule": 60.0 * 60},
    "sweep-renditions": {"task": "clinic.tasks.sweep_renditions_task", "schedule": 60.0},
    "send-notifications": {"task": "clinic.tasks.send_notifications_task", "schedule": 60.0},
    "release-expired-readings": {
        "task": "clinic.tasks.release_expired_readings_task",
        "schedule": 60.0,
    },
    "sweep-exports": {"task": "clinic.tasks.sweep_exports_task", "schedule": 60.0},
    # By the clock, at night: the order stays the same while people read.
    "pick-cases": {
        "task": "inference.tasks_learning.pick_everywhere_task",
        "schedule": crontab(hour=3, minute=10),
    },
    "forget-expired-tokens": {
        "task": "accounts.tasks.forget_expired_tokens_task",
        "schedule": 60.0 * 60,
    },
    "forget-idempotent-answers": {
        "task": "accounts.tasks.forget_idempotent_answers_task",
        "schedule": 60.0 * 60,
    },
    "watch-models": {"task": "inference.tasks.watch_models_task", "schedule": 60.0 * 60},
}

# --- People ---------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = reverse_lazy("home")
ACCOUNT_ADAPTER = "accounts.adapter.ClosedAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}
MFA_ADAPTER = "accounts.second_factor.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_FORMS = {
    "add_webauthn": "accounts.forms.passkeys.AddPasskeyForm",
    "authenticate_webauthn": "accounts.forms.passkeys.SecondStepPasskeyForm",
    "edit_webauthn": "accounts.forms.passkeys.RenamePasskeyForm",
    "login_webauthn": "accounts.forms.passkeys.SignInPasskeyForm",
    "reauthenticate_webauthn": "accounts.forms.passkeys.ConfirmPasskeyForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
# Holding the device is not enough: the passkey checks PIN, finger or face.
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_TOTP_ISSUER = "Second Look"
MFA_TOTP_TOLERANCE = 1
# Administrators open accounts; nobody signs up with somebody else's address.
MFA_ALLOW_UNVERIFIED_EMAIL = True
# How long one proof of identity counts for signatures; 0 asks at every signature.
SIGNING_PROOF_SECONDS = env.int("SIGNING_PROOF_SECONDS", default=15 * 60)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = env.int("SESSION_SECONDS", default=12 * 60 * 60)
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"
EMAIL_BACKEND = env("EMAIL_BACKEND", default="django.core.mail.backends.smtp.EmailBackend")
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="Second Look <noreply@localhost>")
EMAIL_HOST = env("EMAIL_HOST", default="localhost")
EMAIL_PORT = env.int("EMAIL_PORT", default=25)
EMAIL_HOST_USER = env("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = env("EMAIL_HOST_PASSWORD", default="")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", default=False)
EMAIL_TIMEOUT = 10
# How people reach the clinic: the links in its e-mail begin with it.
PUBLIC_URL = env("PUBLIC_URL", default="http://localhost:8000")

# --- Language and time ----------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
TIME_ZONE = env("TIME_ZONE", default="UTC")
USE_I18N = True
USE_TZ = True

# --- Static files: ours, and the few dist folders that npm brought ---------------------------
STATIC_URL = "/static/"
STATIC_ROOT = env.path("STATIC_ROOT", default=str(VAR_DIR / "static"))
_npm = BASE_DIR / "node_modules"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("vendor/bootstrap", _npm / "bootstrap/dist"),
    ("vendor/bootstrap-icons", _npm / "bootstrap-icons/font"),
    ("vendor/htmx", _npm / "htmx.org/dist"),
    ("vendor/annotorious", _npm / "@annotorious/annotorious/dist"),
    ("vendor/chart.js", _npm / "chart.js/dist"),
]

# --- Private objects: no public address exists -----------------------------------------------
MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(VAR_DIR / "media"))
STORAGE_BUCKET = env("STORAGE_BUCKET", default="")
STORAGE_ENDPOINT = env("STORAGE_ENDPOINT", default="")
# True: images are redirected to a signed address that lives a minute; False: streamed by us.
STORAGE_REDIRECT = env.bool("STORAGE_REDIRECT", default=False)
if STORAGE_BUCKET:
    _private_storage = {
        "BACKEND": "clinic.storage.PrivateS3Storage",
        "OPTIONS": {
            "bucket_name": STORAGE_BUCKET,
            "region_name": env("STORAGE_REGION", default=None),
            "endpoint_url": STORAGE_ENDPOINT or None,
            "access_key": env("STORAGE_ACCESS_KEY", default=None),
            "secret_key": env("STORAGE_SECRET_KEY", default=None),
            "object_parameters": (
                {"ServerSideEncryption": env("STORAGE_ENCRYPTION")}
                if env("STORAGE_ENCRYPTION", default="")
                else {}
            ),
        },
    }
else:
    _private_storage = {
        "BACKEND": "clinic.storage.PrivateFileStorage",
        "OPTIONS": {"location": str(MEDIA_ROOT)},
    }
STORAGES = {
    "default": _private_storage,
    "staticfiles": {"BACKEND": "config.static.ForgivingManifestStorage"},
}
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
# A request may carry several 30 MB images; what is not a file stays small.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024

# --- Browser security --------------------------------------------------------------------------
_images = [SELF, "data:", "blob:"]
if STORAGE_REDIRECT:
    # Pictures then come from the bucket's own host: the one that is named, or Amazon's.
    _images.append(STORAGE_ENDPOINT or f"https://s3.{env('STORAGE_REGION')}.amazonaws.com")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": _images,
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"

# --- Reading --------------------------------------------------------------------------------------
# How long a case lies on a reader's desk without a sign of the reader.
READING_LOCK_SECONDS = env.int("READING_LOCK_SECONDS", default=30 * 60)

# --- Logs go to standard output; the platform keeps them ------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
    # The exporter says a hundred lines about each network.
    "loggers": {name: {"level": "WARNING"} for name in ("onnx_ir", "onnxscript", "torch.onnx")},
}
