"""Steps of the tick: what upper rooms do every minute. Registered in `AppConfig.ready()`."""

from collections.abc import Callable
from datetime import datetime

Step = Callable[[datetime], object]

_steps: dict[str, Step] = {}


def register(name: str, step: Step) -> None:
    """Have `step(now)` called by every tick, in a transaction of its own.

    Steps run in the order they were registered, one tick at a time. One that raises is
    rolled back, shown in health, and run again by the next tick; the others go on.
    """
    # The same again is no mistake: tests that change INSTALLED_APPS run ready() again.
    if _steps.setdefault(name, step) is not step:
        raise ValueError(f"The step “{name}” is registered already.")


def unregister(name: str) -> None:
    """Forget a step (for tests)."""
    _steps.pop(name, None)


def steps() -> list[tuple[str, Step]]:
    """Return (name, step) in their order."""
    return list(_steps.items())
