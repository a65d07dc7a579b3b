"""Referrals: from a proposal on the call to the day of the move-in, or to a reason."""
