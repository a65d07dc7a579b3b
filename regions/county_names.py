"""The counties of each state, to pick from: `counties.txt`, from the US Census Bureau."""

from functools import cache
from pathlib import Path

from regions.models import County, Region

FILE = Path(__file__).with_name("counties.txt")


@cache
def counties_by_state() -> dict[str, tuple[str, ...]]:
    """`{"MN": ("Aitkin", …), …}`."""
    lines = FILE.read_text(encoding="utf-8").splitlines()
    split = (line.partition(": ") for line in lines if not line.startswith("#"))
    return {state: tuple(names.split(", ")) for state, _colon, names in split}


def counties_left(region: Region) -> list[str]:
    """The counties of the CoC's state that no region of it has yet; none for a code without state.

    The state is what a HUD code begins with: `MN-502`.
    """
    names = counties_by_state().get(region.continuum.code[:2].upper(), ())
    taken = set(
        County.objects.filter(region__continuum=region.continuum_id).values_list("name", flat=True)
    )
    return [name for name in names if name not in taken]
