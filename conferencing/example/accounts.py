"""The people whose accounts `make run` prints. Example data only."""

from dataclasses import dataclass

PASSWORD = "willow lantern 42 march"  # printed by make run


@dataclass(frozen=True)
class Account:
    address: str
    name: str
    role: str
    continuum: str


ACCOUNTS = (
    Account("specialist@river.example", "Sonja Lindqvist", "CE Specialist", "MN-502"),
    Account("admin@river.example", "Amara Okafor", "Administrator", "MN-502"),
    Account("lead@river.example", "Luis Herrera", "Agency lead, paperwork current", "MN-502"),
    Account("provider@river.example", "Paj Vang", "Provider staff (housing)", "MN-502"),
    Account("outreach@river.example", "Tom Becker", "Provider staff (outreach)", "MN-502"),
    Account("vsp@river.example", "Maren Dahl", "Victim service provider", "MN-502"),
    Account("lapsed@river.example", "Ilse Gruber", "Lead, agreement lapsed", "MN-502"),
    Account("unsigned@river.example", "Noor Haddad", "Lead, agreement never signed", "MN-502"),
    Account("specialist@three.example", "Grace Whitcomb", "CE Specialist", "MA-507"),
    Account("admin@three.example", "Ben Castellano", "Administrator", "MA-507"),
    Account("provider@three.example", "Rosa Delgado", "Provider staff", "MA-507"),
    Account("unsigned@three.example", "Kai Nakamura", "Provider, statement not signed", "MA-507"),
)


def example_accounts() -> list[tuple[str, str, str, str]]:
    """Return `(address, password, role, continuum)` for each printed account."""
    return [(each.address, PASSWORD, each.role, each.continuum) for each in ACCOUNTS]
