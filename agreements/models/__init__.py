"""Agencies, their people, and the paper that puts them in standing."""

from .agencies import Agency, StaffMember
from .papers import AgencyAgreement, PersonalStatement
from .texts import AgreementForm

__all__ = ["Agency", "AgencyAgreement", "AgreementForm", "PersonalStatement", "StaffMember"]
