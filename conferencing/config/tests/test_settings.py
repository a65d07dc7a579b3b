import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from audit import actions
from conferencing.config.production import refuse_plain_links
from run.testing import production

LOOKED = actions.register("test.looked_at_the_settings", "Looked at the settings")


def manage(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "name", ["REDIS_URL", "EMAIL_URL", "SECRET_KEY", "FIELD_KEYS", "ALLOWED_HOSTS"]
)
def test_settings_refuse_production_without(name, bare_environment, tmp_path):
    environment = bare_environment | production() | {"CONFERENCING_VAR": str(tmp_path / "var")}
    del environment[name]
    done = manage("check", **environment)
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert f"{name} is not set" in line
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"REDIS_URL": "redis://r.invalid/3"}, "CACHE_URL is not set"),
        (
            {"REDIS_URL": "redis://r.invalid/3", "CACHE_URL": "redis://r.invalid/3"},
            "CACHE_URL is the same as REDIS_URL",
        ),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS is *"),
        ({"DEBUG": "true"}, "DEBUG is set."),
        ({"SECRET_KEY": "x"}, "SECRET_KEY is weak."),
        ({"SECRET_KEY": "x" * 80}, "SECRET_KEY is weak."),
        ({"SECRET_KEY": "django-insecure-" + "abcdefghij0123456789" * 3}, "SECRET_KEY is weak."),
        ({"DATABASE_URL": "postgres://c@db.invalid/c"}, "DATABASE_URL has no TLS"),
        ({"DATABASE_URL": "postgres://c@%2Fvar%2Frun/c"}, "DATABASE_URL has no TLS"),
        ({"REDIS_URL": "redis://r.invalid:6379/0"}, "REDIS_URL has no TLS"),
        ({"CACHE_URL": "redis://r.invalid:6379/1"}, "CACHE_URL has no TLS"),
        ({"EMAIL_URL": "smtp://m.invalid:25"}, "EMAIL_URL has no TLS"),
    ],
)
def test_settings_refuse_in_one_line(given, said, bare_environment, tmp_path):
    environment = bare_environment | production() | {"CONFERENCING_VAR": str(tmp_path)} | given
    done = manage("check", **environment)
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert said in line


SMTP = "django.core.mail.backends.smtp.EmailBackend"
TLS = {
    "database": {"HOST": "db.invalid", "OPTIONS": {"sslmode": "verify-full"}},
    "urls": {"REDIS_URL": "rediss://r.invalid/0"},
    "email": {"EMAIL_BACKEND": SMTP, "EMAIL_HOST": "m.invalid", "EMAIL_USE_TLS": True},
}


def host(name, **options):
    return {"HOST": name, "OPTIONS": options}


@pytest.mark.parametrize(
    ("changed", "needs", "is_local"),
    [
        ({}, None, False),
        ({"database": host("db.invalid", sslmode="require")}, None, False),
        ({"database": host("db.invalid", sslmode="verify-ca")}, None, False),
        ({"database": host("db.invalid")}, "DATABASE_URL", False),
        ({"database": host("db.invalid", sslmode="prefer")}, "DATABASE_URL", False),
        ({"database": host("db.invalid", sslmode="allow")}, "DATABASE_URL", False),
        ({"database": host("db.invalid", sslmode="disable")}, "DATABASE_URL", False),
        ({"database": host("localhost,db.invalid")}, "DATABASE_URL", False),
        ({"database": host("", hostaddr="10.0.0.9")}, "DATABASE_URL", False),
        ({"database": host("localhost.evil.example")}, "DATABASE_URL", False),
        ({"database": host("/var/run/postgresql")}, "DATABASE_URL", True),
        ({"database": host("")}, "DATABASE_URL", True),
        ({"database": host("127.0.0.1")}, "DATABASE_URL", True),
        ({"urls": {"CACHE_URL": "redis://r.invalid/1"}}, "CACHE_URL", False),
        ({"urls": {"REDIS_URL": "rediss://r.invalid/0?ssl_cert_reqs=none"}}, "REDIS_URL", False),
        ({"urls": {"REDIS_URL": "redis://127.0.0.1:6379/0"}}, "REDIS_URL", True),
        ({"urls": {"REDIS_URL": "redis://[::1]:6379/0"}}, "REDIS_URL", True),
        ({"urls": {"REDIS_URL": "redis+socket:///run/redis.sock"}}, "REDIS_URL", True),
        ({"urls": {"CACHE_URL": "unix:///run/redis.sock?db=1"}}, "CACHE_URL", True),
        ({"email": {"EMAIL_BACKEND": SMTP, "EMAIL_HOST": "m.invalid"}}, "EMAIL_URL", False),
        ({"email": {"EMAIL_HOST": "m.invalid"}}, "EMAIL_URL", False),
        ({"email": {"EMAIL_BACKEND": SMTP, "EMAIL_HOST": "localhost"}}, "EMAIL_URL", True),
        (
            {"email": {"EMAIL_BACKEND": SMTP, "EMAIL_HOST": "m", "EMAIL_USE_SSL": True}},
            None,
            False,
        ),
    ],
)
def test_links_without_tls_are_refused_but_within_the_machine_where_that_is_said(
    changed, needs, is_local
):
    def refused(may_be_local):
        try:
            refuse_plain_links(**TLS | changed, may_be_local=may_be_local)
        except ImproperlyConfigured as error:
            return str(error).split()[0]
        return None

    assert refused(may_be_local=False) == needs
    assert refused(may_be_local=True) == (None if is_local else needs)


def test_settings_keep_the_cache_out_of_the_brokers_database(bare_environment, tmp_path):
    environment = bare_environment | production() | {"CONFERENCING_VAR": str(tmp_path)}
    script = (
        "from django.conf import settings as s;"
        "print(s.CELERY_BROKER_URL, s.CACHES['default']['LOCATION'], s.SITE_URL, s.DEBUG)"
    )
    done = manage("shell", "--no-imports", "-c", script, **environment)
    assert done.stdout.split() == [
        "rediss://redis.invalid:6379/0",
        "rediss://redis.invalid:6379/1",
        "https://conferencing.example.org",
        "False",
    ]
