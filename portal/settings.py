"""Settings, all read from the environment (portal/environment.py says how)."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from portal import environment

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("PORTAL_VAR", BASE_DIR / "var"))

DEBUG = environment.flag("DEBUG", False)
SECRET_KEY = environment.secret_key(DEBUG)
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = environment.words("CSRF_TRUSTED_ORIGINS", [])
if "*" in ALLOWED_HOSTS and not DEBUG:
    # What a card signs, and a link for a password, name the site as the browser does.
    raise ImproperlyConfigured("ALLOWED_HOSTS 不能为“*”：请写明本系统的域名，多个用逗号隔开。")

if not os.environ.get("DATABASE_URL") or not os.environ.get("REDIS_URL"):
    raise ImproperlyConfigured(
        "未设置 DATABASE_URL 或 REDIS_URL：请通过 manage.py、celery 或 quickstart.py 启动"
        "（它们会自带数据库与队列），或在环境变量中写明地址。"
    )
DATABASES = {"default": environment.database(os.environ["DATABASE_URL"])}
REDIS_URL = os.environ["REDIS_URL"]

INSTALLED_APPS = [
    # Lower rooms first, so that a signal's receivers run from the bottom up: lines are re-pointed
    # before the comparison looks at them.
    "authorization.apps.AuthorizationConfig",
    "pages.apps.PagesConfig",
    "catalogue.apps.CatalogueConfig",
    "declarations.apps.DeclarationsConfig",
    "comparison.apps.ComparisonConfig",
    "customs_audit.apps.CustomsAuditConfig",
    "messages_app.apps.MessagesConfig",
    "public_lib.apps.PublicLibConfig",
    "enterprise_lib.apps.EnterpriseLibConfig",
    "portal.apps.PortalConfig",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_tables2",
    "django_filters",
    "django_htmx",
    "portal.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "authorization.sessions.NotedSessionsMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "authorization.gate.GateMiddleware",
    "authorization.ledger.DownloadsAreNoted",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.middleware.ContentSecurityPolicyMiddleware",
    "portal.middleware.NotAllowedPageMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

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
                "portal.context.page_frame",
            ]
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.append("django.forms")

# --- who may log in, and for how long -------------------------------------------------------
AUTH_USER_MODEL = "authorization.User"
AUTHENTICATION_BACKENDS = ["authorization.backends.PortalBackend"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AUTH_PASSWORD_VALIDATORS = [{"NAME": "authorization.passwords.PasswordRules"}]
LOGIN_FAILURES_ALLOWED = environment.number("LOGIN_FAILURES_ALLOWED", 5)
LOGIN_FAILURES_WINDOW_SECONDS = environment.number("LOGIN_FAILURES_WINDOW_SECONDS", 900)
# How long a link by which a user sets his password may be used.
PASSWORD_LINK_MINUTES = environment.number("PASSWORD_LINK_MINUTES", 120)
# Administrators enter with a second factor; only development and the demo may do without.
ADMIN_SECOND_FACTOR = environment.flag(
    "ADMIN_SECOND_FACTOR", not DEBUG and not environment.flag("PORTAL_DEMO", False)
)
if not ADMIN_SECOND_FACTOR and not (DEBUG or environment.flag("PORTAL_DEMO", False)):
    raise ImproperlyConfigured(
        "正式运行时不能关闭管理员的动态口令（ADMIN_SECOND_FACTOR）：请删除这项设置。"
    )
OTP_TOTP_ISSUER = "规范申报企业专属库"
# Whom no authenticator may be read from, not even by administrators.
OTP_ADMIN_HIDE_SENSITIVE_DATA = True

# --- logging in by the Single Window (OpenID Connect) ---------------------------------------------
# The issuer's address; empty: off. Its claims may be nested: "enterprise.uscc".
OIDC_ISSUER = environment.issuer("OIDC_ISSUER")
OIDC_CLIENT_ID = os.environ.get("OIDC_CLIENT_ID", "")
OIDC_CLIENT_SECRET = os.environ.get("OIDC_CLIENT_SECRET", "")
OIDC_SCOPES = os.environ.get("OIDC_SCOPES") or "openid profile"
OIDC_CLAIM_USERNAME = os.environ.get("OIDC_CLAIM_USERNAME") or "preferred_username"
OIDC_CLAIM_NAME = os.environ.get("OIDC_CLAIM_NAME") or "name"
OIDC_CLAIM_USCC = os.environ.get("OIDC_CLAIM_USCC") or "uscc"
OIDC_USE_USERINFO = environment.flag("OIDC_USE_USERINFO", False)
OIDC_CREATE_OPERATORS = environment.flag("OIDC_CREATE_OPERATORS", False)
# Off: an enterprise's users come by the Single Window only. Officers and administrators have no
# account there and keep their passwords, administrators with the second factor.
LOCAL_PASSWORDS = environment.flag("LOCAL_PASSWORDS", True)
if OIDC_ISSUER and not OIDC_CLIENT_ID:
    raise ImproperlyConfigured("已设置 OIDC_ISSUER，还须设置 OIDC_CLIENT_ID。")
if not LOCAL_PASSWORDS and not OIDC_ISSUER:
    raise ImproperlyConfigured("关闭本地密码（LOCAL_PASSWORDS=false）前，须先设置 OIDC_ISSUER。")

# --- the legal-person card --------------------------------------------------------------------
# Folders of .pem/.cer/.crt/.der and .crl files; read again when a file changes.
CARD_ROOTS = os.environ.get("CARD_ROOTS") or str(VAR_DIR / "cards" / "roots")
CARD_INTERMEDIATES = os.environ.get("CARD_INTERMEDIATES") or str(
    VAR_DIR / "cards" / "intermediates"
)
CARD_CRLS = os.environ.get("CARD_CRLS") or str(VAR_DIR / "cards" / "crls")
# Only these responders are asked, whatever a certificate names.
CARD_OCSP_URLS = environment.words("CARD_OCSP_URLS", [])
CARD_ACCEPT_UNANSWERED = environment.flag("CARD_ACCEPT_UNANSWERED", False)
CARD_ALLOW_SHA1 = environment.flag("CARD_ALLOW_SHA1", False)
CARD_ALLOW_RSA_1024 = environment.flag("CARD_ALLOW_RSA_1024", False)
CARD_SM2_SIGNER_ID = os.environ.get("CARD_SM2_SIGNER_ID") or "1234567812345678"
CARD_KIND_OID = os.environ.get("CARD_KIND_OID") or "1.3.6.1.4.1.5315.100.5.3"
CARD_LEGAL_PERSON_KINDS = environment.words("CARD_LEGAL_PERSON_KINDS", ["01"])
# The first seals the stored certificates, all open them.
CARD_SEALING_KEYS = environment.sealing_keys(DEBUG)
CARD_CONTROL_WS = os.environ.get("CARD_CONTROL_WS", "ws://127.0.0.1:61232")
CARD_CONTROL_WSS = os.environ.get("CARD_CONTROL_WSS", "wss://wss.singlewindow.cn:61231")
CARD_CONTROL_DOWNLOAD_URL = os.environ.get(
    "CARD_CONTROL_DOWNLOAD_URL", "https://www.singlewindow.cn/"
)
# Set by quickstart's demo alone: test cards are believed, and every page says so.
DEMO_MODE = environment.flag("PORTAL_DEMO", False)
AUTHORIZATION_DAYS = environment.number("AUTHORIZATION_DAYS", 3 * 365)
AUTHORIZATION_REMINDER_DAYS = environment.number("AUTHORIZATION_REMINDER_DAYS", 30)

# --- the ledger of reads and exports ---------------------------------------------------------
# Where each host keeps the end of the chain as it last wrote it, outside the database.
LEDGER_HEADS = os.environ.get("LEDGER_HEADS") or str(VAR_DIR / "ledger")

# --- audited rows ------------------------------------------------------------------------------
# Who uploaded or submitted audited rows does not release them: another officer does.
AUDIT_FOUR_EYES = environment.flag("AUDIT_FOUR_EYES", True)

# --- sessions, cookies, headers --------------------------------------------------------------
HTTPS_ONLY = environment.flag("HTTPS_ONLY", False)
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_NAME = "portal_session"
SESSION_COOKIE_AGE = environment.number("SESSION_HOURS", 10) * 3600
# Without a request for this long a session is over before that.
SESSION_IDLE_MINUTES = environment.number("SESSION_IDLE_MINUTES", 60)
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS_ONLY
CSRF_COOKIE_SECURE = HTTPS_ONLY
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "portal.views.csrf_failure"
SECURE_SSL_REDIRECT = HTTPS_ONLY
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS_ONLY else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if environment.flag("BEHIND_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# The client's address comes from REMOTE_ADDR, or from this many proxies' X-Forwarded-For.
TRUSTED_PROXIES = environment.number("TRUSTED_PROXIES", 0)

# --- cache and queue -------------------------------------------------------------------------
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "portal",
    }
}
CELERY_BROKER_URL = environment.broker(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "interactive"
# Uploads and releases of the customs side go by their size (customs_audit/queueing.py).
# `files` is for whoever has the uploaded files: on one host beside `batch`, never on others.
CELERY_TASK_ROUTES = {"comparison.*": {"queue": "batch"}, "catalogue.*": {"queue": "files"}}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Contents that one transaction of the comparison takes from the outbox.
COMPARISON_BATCH = environment.number("COMPARISON_BATCH", 2_000)
# Contents of a piece of a full run, at least: what one worker takes at a time.
COMPARISON_PIECE = environment.number("COMPARISON_PIECE", 10_000)
# After so long a worker that helps a full run lets other tasks of the queue have their turn.
COMPARISON_TURN_SECONDS = environment.number("COMPARISON_TURN_SECONDS", 30)
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_BEAT_SCHEDULE = {
    "work-outbox": {
        "task": "comparison.work_outbox",
        "schedule": environment.number("OUTBOX_EVERY_SECONDS", 20),
        # One that waited longer than this is stale: the next one does the same work.
        "options": {"queue": "batch", "expires": 60},
    },
    "resume-catalogue-imports": {
        "task": "catalogue.resume_imports",
        "schedule": environment.number("IMPORTS_EVERY_SECONDS", 20),
        "options": {"queue": "files", "expires": 60},
    },
    "resume-audit-uploads": {
        "task": "customs_audit.resume",
        "schedule": environment.number("UPLOADS_EVERY_SECONDS", 20),
        "options": {"queue": "interactive", "expires": 60},
    },
}

# --- language, time, files -------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
FORMAT_MODULE_PATH = "portal.formats"
USE_TZ = True
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if environment.flag("STATIC_MANIFEST", False)
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = not environment.flag("STATIC_MANIFEST", False)
MEDIA_ROOT = VAR_DIR / "files"
# What a form may send beside files: a pasted table of ten megabytes, and the form around it.
# Django's own limit of 2.5 would end 5,000 full rows in a bare error page.
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 2**20
# Of a file nothing beyond the largest that any page takes is kept, and of many files not all.
FILE_UPLOAD_HANDLERS = [
    "portal.uploading.BoundedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
DATA_UPLOAD_MAX_NUMBER_FILES = 20

# --- tables and pages ------------------------------------------------------------------------
DJANGO_TABLES2_TEMPLATE = "django_tables2/portal_table.html"
SERVICE_HOTLINE = os.environ.get("SERVICE_HOTLINE", "0411-82732333")
SERVICE_QQ_GROUP = os.environ.get("SERVICE_QQ_GROUP", "492792487")
SINGLE_WINDOW_REGISTER_URL = os.environ.get(
    "SINGLE_WINDOW_REGISTER_URL", "https://www.singlewindow.ln.cn/"
)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {"without_secrets": {"()": "portal.log_masking.WithoutSecrets"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["without_secrets"],
        }
    },
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "INFO")},
}
