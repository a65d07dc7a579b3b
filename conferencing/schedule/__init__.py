"""Planning the calls of a year: calling rules, closed days, invitations, calendars."""
