"""Pages of programs, of openings, and of what is open for a household."""
