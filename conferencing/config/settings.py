"""Settings, from the environment.

With `DATABASE_URL` unset the system runs in *embedded mode*: a real PostgreSQL
and a real Redis from wheels in `var/`, mail as files in `var/mail/`, secrets made
on first use. With it set it is production, and each of `DATABASE_URL`,
`REDIS_URL`, `EMAIL_URL`, `SECRET_KEY`, `FIELD_KEYS`, `ALLOWED_HOSTS` must be there,
and none may be weak or in clear (`production.py`).
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import dj_email_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environs import Env
from kombu import Queue

from run import embedded

from . import production

env = Env()

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR = Path(env.str("CONFERENCING_VAR", "") or BASE_DIR / "var").resolve()
EMBEDDED = not env.str("DATABASE_URL", "")


def required(name: str) -> str:
    """Return the variable, or refuse to start and name it."""
    value = env.str(name, "")
    if not value:
        raise ImproperlyConfigured(
            f"{name} is not set. Production (DATABASE_URL is set) needs it; see README, "
            "“Going to production”."
        )
    return value


def cache_url(broker: str, given: str) -> str:
    """Return where the cache lives: never in the broker's database.

    Unless it is given, database 1 of the broker's server, if the broker has number 0.
    """
    parts = urlsplit(broker)
    number = parts.path.strip("/")
    if given:
        if given.rstrip("/") == broker.rstrip("/"):
            raise ImproperlyConfigured(
                "CACHE_URL is the same as REDIS_URL. Give the cache a database of its own, "
                "for instance the same address ending in /1."
            )
        return given
    if number not in ("", "0"):
        raise ImproperlyConfigured(
            f"CACHE_URL is not set, and REDIS_URL names database {number}. Set CACHE_URL to "
            "another database, so that emptying the cache never empties the queue."
        )
    return urlunsplit(parts._replace(path="/1"))


def email_settings(url: str) -> dict[str, Any]:  # Any: whatever each setting takes
    """Return Django's EMAIL_* settings of an address.

    `smtps` is TLS from the start (RFC 8314), on port 465 unless the address names another.
    """
    parts = urlsplit(url)
    if parts.scheme != "smtps":
        url_settings: dict[str, Any] = dj_email_url.parse(url)  # Any: as above
        return url_settings
    found: dict[str, Any]  # Any: as above
    found = dj_email_url.parse(urlunsplit(parts._replace(scheme="smtp", query="")))
    return found | {
        "EMAIL_PORT": parts.port or 465,
        "EMAIL_USE_SSL": True,
        "EMAIL_USE_TLS": False,
    }


DEBUG = env.bool("DEBUG", False)

if EMBEDDED:
    try:
        SECRET_KEY = env.str("SECRET_KEY", "") or embedded.secret_key(VAR)
        FIELD_KEYS = env.str("FIELD_KEYS", "") or embedded.field_keys(VAR)
        _servers = embedded.use(VAR)
    except embedded.ServerTrouble as trouble:
        raise ImproperlyConfigured(str(trouble)) from trouble
    DATABASES = {"default": _servers.database}
    ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]", "testserver"])
    if env.str("REDIS_URL", ""):
        CELERY_BROKER_URL = env.str("REDIS_URL")
        CACHE_LOCATION = cache_url(CELERY_BROKER_URL, env.str("CACHE_URL", ""))
    else:
        # Tests take databases of their own, so as not to empty a running system's.
        _redis = env.int("EMBEDDED_REDIS_DATABASE", 0)
        CELERY_BROKER_URL = f"redis+socket://{_servers.redis_socket}?virtual_host={_redis}"
        CACHE_LOCATION = f"unix://{_servers.redis_socket}?db={_redis + 1}"
    EMAIL = (
        email_settings(env.str("EMAIL_URL"))
        if env.str("EMAIL_URL", "")
        else {
            "EMAIL_BACKEND": "outbox.backends.EmlBackend",
            "EMAIL_FILE_PATH": str(VAR / "mail"),
        }
    )
    SITE_URL = env.str("SITE_URL", "http://127.0.0.1:8000")
else:
    production.refuse_debug(DEBUG)
    SECRET_KEY = required("SECRET_KEY")
    production.refuse_weak_secret(SECRET_KEY)
    FIELD_KEYS = required("FIELD_KEYS")
    DATABASES = {"default": env.dj_db_url("DATABASE_URL", conn_health_checks=True)}
    ALLOWED_HOSTS = [host.strip() for host in required("ALLOWED_HOSTS").split(",") if host.strip()]
    if "*" in ALLOWED_HOSTS:
        raise ImproperlyConfigured(
            "ALLOWED_HOSTS is *, which lets anybody forge the links in mails. Name the hosts."
        )
    CELERY_BROKER_URL = required("REDIS_URL")
    CACHE_LOCATION = cache_url(CELERY_BROKER_URL, env.str("CACHE_URL", ""))
    EMAIL = email_settings(required("EMAIL_URL"))
    production.refuse_plain_links(
        database=DATABASES["default"],
        urls={"REDIS_URL": CELERY_BROKER_URL, "CACHE_URL": CACHE_LOCATION},
        email=EMAIL,
        may_be_local=env.bool("PLAIN_LOCAL_LINKS", False),
    )
    _host = ALLOWED_HOSTS[0].lstrip(".")
    SITE_URL = env.str("SITE_URL", f"https://{_host}")

DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", 60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# How long a connection of a page, and of a worker or command, waits, in seconds (0: for ever).
PAGE_LIMITS = {
    "statement_timeout": env.int("PAGE_STATEMENT_SECONDS", 30),
    "lock_timeout": env.int("PAGE_LOCK_SECONDS", 5),
    "idle_in_transaction_session_timeout": env.int("PAGE_IDLE_SECONDS", 60),
}
PATIENT_LIMITS = {"idle_in_transaction_session_timeout": env.int("IDLE_SECONDS", 300)}
if env.str("TEST_DATABASE", ""):
    DATABASES["default"]["TEST"] = {"NAME": env.str("TEST_DATABASE")}
for _name, _value in EMAIL.items():
    if _name.startswith("EMAIL_"):
        globals()[_name] = _value
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", 30)
# Where other servers return mail to (the envelope sender); unset: the address of the sender.
BOUNCE_ADDRESS = env.str("BOUNCE_ADDRESS", "")
# Where what came back is read by the tick: a folder of .eml files, a mailbox, or neither.
BOUNCE_FOLDER = env.str("BOUNCE_FOLDER", "")
BOUNCE_IMAP_URL = env.str("BOUNCE_IMAP_URL", "")
DEFAULT_FROM_EMAIL = env.str(
    "DEFAULT_FROM_EMAIL",
    f"Case Conferencing <no-reply@{'example.org' if EMBEDDED else _host}>",
)

INSTALLED_APPS = [
    "vault",
    "audit",
    "outbox",
    "accounts",
    "regions",
    "agreements",
    "participants",
    "housing",
    "conferencing",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_htmx",
    "guardian",
    "pgtrigger",
    "pghistory",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "conferencing.acknowledgement.AcknowledgeMiddleware",
    "conferencing.config.health.HealthMiddleware",
    "accounts.middleware.HeadMiddleware",
    "accounts.middleware.HeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.middleware.PersonMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    # Sign-in, in this order: is the session over, is there one, has it its second factor.
    "accounts.middleware.SessionLimitsMiddleware",
    "accounts.middleware.SignInRequiredMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
    "accounts.middleware.CacheFailureMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "regions.middleware.ContinuumMiddleware",
    "conferencing.middleware.GuestMiddleware",
    "accounts.middleware.HeldFormMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "pghistory.middleware.HistoryMiddleware",
]

ROOT_URLCONF = "conferencing.config.urls"
WSGI_APPLICATION = "conferencing.config.wsgi.application"

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
                "conferencing.config.context.page",
                "accounts.context.sign_in",
            ],
            # The "?" beside a term stands on pages of every room.
            "builtins": ["conferencing.templatetags.glossary"],
        },
    }
]

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
    "conferencing.permissions.RoleBackend",
    "guardian.backends.ObjectPermissionBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 15},
    },
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "accounts.validators.LetterAndNumberValidator"},
    {"NAME": "accounts.validators.GuessablePasswordValidator"},
    {"NAME": "accounts.validators.OwnNamesValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

ANONYMOUS_USER_NAME = None
GUARDIAN_RAISE_403 = False

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": CACHE_LOCATION,
        "KEY_PREFIX": "conferencing",
    }
}

CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
# Few and quick retries: with Redis stopped, a page that queues mail must not wait for it.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "socket_connect_timeout": 2,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30
# The tick has a queue of its own, which workers serve by turns with the mails': it never waits for
# a hundred of them, and a slow mail server does not look like a tick that stopped.
CELERY_TASK_QUEUES = [Queue("tick"), Queue("celery")]
CELERY_TASK_ROUTES = {"outbox.tick": {"queue": "tick"}}
CELERY_BEAT_SCHEDULE = {"tick": {"task": "outbox.tick", "schedule": 60.0}}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "conferencing.config.log_lines.LineFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
        }
    },
    "filters": {"refused": {"()": "conferencing.config.log_lines.RefusedInOneLine"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["refused"],
        }
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "WARNING")},
    # Django's own default mails errors to ADMINS; a trace may hold a participant's data.
    "loggers": {"django": {"handlers": [], "level": "NOTSET"}},
}

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR / "static"
if EMBEDDED:
    WHITENOISE_USE_FINDERS = True  # so that `runserver` needs no `collectstatic`
    STATIC_ROOT.mkdir(exist_ok=True)  # which it would miss aloud all the same
else:
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }

CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# Sessions: held by the server, in PostgreSQL; both limits are asked by accounts.middleware.
SESSION_ENGINE = "accounts.session_store"
SIGNED_IN_WITH = ["membership__continuum"]
SESSION_IDLE_SECONDS = 30 * 60
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = False  # only where nothing is real: see below
KNOWN_BROWSER_COOKIE_NAME = "known-browser"
CSRF_COOKIE_AGE = None
CSRF_FAILURE_VIEW = "accounts.views.csrf_failure"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if not EMBEDDED:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", True)
    SECURE_REDIRECT_EXEMPT = [r"^health/"]
    SECURE_HSTS_SECONDS = 31536000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_SECURE = True
    CSRF_COOKIE_NAME = "__Host-csrf"
    KNOWN_BROWSER_COOKIE_NAME = "__Host-known-browser"
    BEHIND_PROXY = env.bool("BEHIND_PROXY", True)
    if BEHIND_PROXY:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    # How many proxies of one's own stand in front and add to X-Forwarded-For.
    ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", 1 if BEHIND_PROXY else 0)

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# Sign-in. Required of everybody in production; a switch in embedded mode, which every page says.
SECOND_FACTOR_REQUIRED = True if not EMBEDDED else env.bool("SECOND_FACTOR_REQUIRED", False)
PASSWORD_RESET_TIMEOUT = 2 * 60 * 60
PASSWORD_RESET_SECONDS = 0.3  # an answer takes at least so long, for a person as for nobody
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # accepting the invitation proves the address
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 5 * 60
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "accounts.tokens.ResetTokenGenerator"
# Counted in the shared cache. "key" is the address or account asked for; of "login_failed" that
# and the source together (accounts.known_browsers), of "login_address" the address alone.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "20/m/ip,5/5m/key",
    "login_address": "60/h/key",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
    "reset_password": "20/m/ip,3/h/key",
    "reset_password_from_key": "20/m/ip",
}
ACCOUNT_FORMS = {
    "login": "accounts.forms.SignInForm",
    "change_password": "accounts.forms.PasswordChangeForm",
    "reset_password": "accounts.forms.PasswordResetForm",
    "reset_password_from_key": "accounts.forms.PasswordResetKeyForm",
    "reauthenticate": "accounts.forms.PasswordReauthenticateForm",
}
MFA_ADAPTER = "accounts.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # allauth's table of addresses is not used
MFA_RECOVERY_CODE_DIGITS = 12
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "Case Conferencing"
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "authenticate": "accounts.forms.AuthenticateForm",
    "reauthenticate": "accounts.forms.CodeReauthenticateForm",
    "activate_totp": "accounts.forms.AppAddForm",
    "add_webauthn": "accounts.forms.PasskeyAddForm",
    "edit_webauthn": "accounts.forms.PasskeyRenameForm",
}
USERSESSIONS_ADAPTER = "accounts.adapters.UserSessionsAdapter"
# The list shows when each was last used; accounts.middleware notes that, not allauth's.
USERSESSIONS_TRACK_ACTIVITY = True
