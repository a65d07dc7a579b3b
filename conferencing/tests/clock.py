"""One clock for a test and for all that it asks: Python, PostgreSQL, other processes, Chromium.

`TEST_CLOCK` names one of `run/clocks.py`. Every test then begins at that very
moment, whatever ran before it, and time goes on from there as it does. Unset: the real time.
PostgreSQL tells the moved time through functions of the usual names in a schema of their own,
which stands before `pg_catalog` in the test database's search path.
"""

import os
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
import time_machine

from run import clocks

CLOCK = clocks.chosen()
ZONE = CLOCK.zone if CLOCK else None
MOVED = Path(__file__).parent / "moved"
SCHEMA = "moved_clock"
# `public` first: what a test creates lands there. CURRENT_TIMESTAMP and its kin are words of the
# language and cannot be moved, so that the product does not use them (test_clock.py).
SEARCH_PATH = f"public, {SCHEMA}, pg_catalog"
TELLS = {
    "now": "STABLE",
    "transaction_timestamp": "STABLE",
    "statement_timestamp": "STABLE",
    "clock_timestamp": "VOLATILE",
}
INSTALL = f"""
CREATE SCHEMA {SCHEMA};
CREATE UNLOGGED TABLE {SCHEMA}.ahead (seconds double precision NOT NULL);
INSERT INTO {SCHEMA}.ahead VALUES (0);
GRANT USAGE ON SCHEMA {SCHEMA} TO PUBLIC;
GRANT SELECT ON {SCHEMA}.ahead TO PUBLIC;
""" + "".join(
    f"""
CREATE FUNCTION {SCHEMA}.{name}() RETURNS timestamptz LANGUAGE sql {how} PARALLEL SAFE AS
$$SELECT pg_catalog.{name}() + make_interval(secs => seconds) FROM {SCHEMA}.ahead$$;
"""
    for name, how in TELLS.items()
)

_traveller = time_machine.travel(CLOCK.moment.timestamp()).start() if CLOCK else None
_told = None  # how the test database's clock is told; None before there is one


def install(connection, name: str) -> None:
    """Give the database clocks that can be moved; they tell the real time until moved."""
    with closing(psycopg2.connect(**parameters(connection, name))) as database:
        database.autocommit = True
        with database.cursor() as cursor:
            cursor.execute(f'ALTER DATABASE "{name}" SET search_path = {SEARCH_PATH}')
            cursor.execute(INSTALL)


def parameters(connection, name: str) -> dict:
    found = connection.get_connection_params() | {"dbname": name}
    found.pop("cursor_factory", None)
    return found


def follow(connection) -> None:
    """From now on the clock of the test database goes with that of the tests."""
    global _told
    name = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute(f'ALTER DATABASE "{name}" SET search_path = {SEARCH_PATH}')
        cursor.execute(f"SET search_path = {SEARCH_PATH}")
    _told = psycopg2.connect(**parameters(connection, name))
    _told.autocommit = True
    tell(ahead())


def ahead() -> float:
    """By how many seconds the clock is ahead of the real one."""
    if not _traveller:
        return 0.0
    real = time_machine.escape_hatch.time
    return _traveller.time_ns() / 1e9 - real.time()


def tell(seconds: float) -> None:
    with _told.cursor() as cursor:
        cursor.execute(f"UPDATE {SCHEMA}.ahead SET seconds = %s", [seconds])


def let_go() -> None:
    """Stop telling the test database the time, so that it can be removed."""
    global _told
    if _told:
        _told.close()
        _told = None


def turn_back() -> None:
    """Set every clock to the moment at which tests begin."""
    if not _traveller:
        return
    _traveller.move_to(CLOCK.moment.timestamp())
    seconds = ahead()
    os.environ["TEST_CLOCK_AHEAD"] = repr(seconds)
    if _told:
        tell(seconds)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item):
    turn_back()
    return (yield)


def pytest_configure(config):
    if CLOCK:
        paths = [str(MOVED), os.environ.get("PYTHONPATH", "")]
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))


def pytest_report_header(config):
    return f"clock: {CLOCK or 'the real time'}"


def pytest_terminal_summary(terminalreporter):
    """After a failure, say what it takes to see it again."""
    config = terminalreporter.config
    if terminalreporter.stats.get("failed") or terminalreporter.stats.get("error"):
        order = ""
        if config.getoption("random_order_enabled", False):
            order = f" --random-order --random-order-seed={config.option.random_order_seed}"
        terminalreporter.write_line(f"The clock was {CLOCK or 'the real time'}. To see it again:")
        terminalreporter.write_line(
            f"  {clocks.VARIABLE}={CLOCK.name if CLOCK else clocks.REAL} python -m pytest{order} …"
        )


def script() -> str:
    """What moves the clock of a browser's pages, for `add_init_script`; timers stay."""
    return f"""(() => {{
  const ahead = {round(ahead() * 1000)}, Real = Date;
  globalThis.Date = class Date extends Real {{
    constructor(...given) {{ given.length ? super(...given) : super(Real.now() + ahead); }}
    static now() {{ return Real.now() + ahead; }}
  }};
}})();"""
