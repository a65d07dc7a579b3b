"""`python -m bench [name …]`: measure, and print one table."""

import importlib
import pkgutil
import sys

import bench
from bench.table import show


def named(asked: list[str]):
    """Return the modules of this package that have `rows`, all of them or those asked for."""
    modules = {
        found.name: importlib.import_module(f"bench.{found.name}")
        for found in pkgutil.iter_modules(bench.__path__)
        if not found.name.startswith("_")
    }
    benches = {name: module for name, module in modules.items() if hasattr(module, "rows")}
    unknown = [name for name in asked if name not in benches]
    if unknown:
        raise SystemExit(
            f"error: there is no bench {unknown[0]!r}. There are: {', '.join(sorted(benches))}"
        )
    return [benches[name] for name in asked or sorted(benches)]


def main(asked: list[str]) -> None:
    rows = []
    for module in named(asked):
        print(f"measuring {module.__name__.removeprefix('bench.')} …", file=sys.stderr, flush=True)
        rows.extend(module.rows())
    show(rows)


if __name__ == "__main__":
    main(sys.argv[1:])
