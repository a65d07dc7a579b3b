"""WSGI entry point: `gunicorn conferencing.config.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

from . import database_limits

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "conferencing.config.settings")

database_limits.serve_pages()
application = get_wsgi_application()

from vault import key_checks  # noqa: E402 (its models are there only now)

key_checks.examine_at_start()
