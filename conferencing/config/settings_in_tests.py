"""The settings, with what only tests want; named in pytest.ini.

Each worker takes Redis databases of its own: gw0 the embedded Redis's 2 and 3, gw1 4
and 5, and so on; 0 and 1 belong to a running system. The part of the suite that runs in a browser
beside the others (TEST_PART) takes them from 32 on, and PostgreSQL's of another name. Test
databases need not survive a power cut, so commits do not wait for the disk.
"""

import os

worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
part = os.environ.get("TEST_PART", "")
os.environ["EMBEDDED_REDIS_DATABASE"] = str(2 + 2 * (int(worker) % 15) + (30 if part else 0))
os.environ["PGOPTIONS"] = "-c synchronous_commit=off"

from .settings import *  # noqa: E402, F403

if part:
    own = DATABASES["default"]  # noqa: F405
    usual = own.get("TEST", {}).get("NAME") or f"test_{own['NAME']}"
    own["TEST"] = {"NAME": f"{usual}_{part}"}
