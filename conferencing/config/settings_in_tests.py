"""The settings, with what only tests want; named in pytest.ini.

Each worker takes Redis databases of its own: gw0 the embedded Redis's 2 and 3, gw1 4
and 5, and so on; 0 and 1 belong to a running system. Test databases need not survive
a power cut, so commits do not wait for the disk.
"""

import os

worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
os.environ["EMBEDDED_REDIS_DATABASE"] = str(2 + 2 * (int(worker) % 30))
os.environ["PGOPTIONS"] = "-c synchronous_commit=off"

from .settings import *  # noqa: E402, F403
