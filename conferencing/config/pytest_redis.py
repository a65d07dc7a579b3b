"""Loaded by pytest before the settings (`-p` in pytest.ini): tests get their own Redis.

Worker gw0 takes the embedded Redis's databases 2 and 3, gw1 4 and 5, and so on;
0 and 1 belong to a running system.
"""

import os

worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
os.environ["EMBEDDED_REDIS_DATABASE"] = str(2 + 2 * (int(worker) % 30))
