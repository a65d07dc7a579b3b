"""WSGI entry point: `gunicorn conferencing.config.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "conferencing.config.settings")

application = get_wsgi_application()
