"""Moves the clock of a Python process that a test starts as far as the test's own.

`conferencing/tests/clock.py` puts this folder on `PYTHONPATH`, where Python looks by itself.
"""

import os
import time

if "TEST_CLOCK_AHEAD" in os.environ:
    import time_machine

    time_machine.travel(time.time() + float(os.environ["TEST_CLOCK_AHEAD"])).start()
    time.time()  # from this question on, time goes on
