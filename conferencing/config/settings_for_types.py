"""The settings as mypy's plugin for Django reads them: of production, where nothing is started.

What they name is not there and need not be.
"""

import os

from run import testing

os.environ.update(testing.production(), DEBUG="off", CACHE_URL="")

from .settings import *  # noqa: F403

EMAIL_FILE_PATH: str  # where mail is files, in embedded mode alone
