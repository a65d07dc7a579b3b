"""`python -m conferencing.tests`: make what test databases are copies of, ahead of the first test.

The first test makes it itself if this did not. It takes half a minute on one core.
"""

import os

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "conferencing.config.settings_in_tests"
django.setup()

from conferencing.tests.database import ensure_migrated_database  # noqa: E402
from vault import key_checks  # noqa: E402

key_checks.trust_ring()
ensure_migrated_database()
