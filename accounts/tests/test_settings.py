"""What production insists on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from run.testing import production

ASK = """
from django.conf import settings
import django
django.setup()
print(settings.SECOND_FACTOR_REQUIRED, settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE,
      settings.CSRF_COOKIE_NAME, settings.ALLAUTH_TRUSTED_PROXY_COUNT)
"""


def ask_production(tmp_path, **environment):
    environment = (
        production()
        | {
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "conferencing.config.settings",
            "CONFERENCING_VAR": str(tmp_path),
        }
        | environment
    )
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        env=environment,
        cwd=Path(__file__).parent.parent.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


@pytest.mark.parametrize("switch", [{}, {"SECOND_FACTOR_REQUIRED": "false"}])
def test_production_requires_a_second_factor_whatever_the_switch_says(tmp_path, switch):
    assert ask_production(tmp_path, **switch) == [
        "True",
        "__Host-session",
        "True",
        "__Host-csrf",
        "1",
    ]


def test_production_counts_its_proxies(tmp_path):
    assert ask_production(tmp_path, TRUSTED_PROXY_COUNT="2")[-1] == "2"
    assert ask_production(tmp_path, BEHIND_PROXY="false")[-1] == "0"
