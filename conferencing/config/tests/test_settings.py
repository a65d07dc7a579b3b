import subprocess
import sys

import pytest
from django.conf import settings

from conferencing.config.testing import production


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
    ],
)
def test_settings_refuse_in_one_line(given, said, bare_environment, tmp_path):
    environment = bare_environment | production() | {"CONFERENCING_VAR": str(tmp_path)} | given
    done = manage("check", **environment)
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert said in line


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
