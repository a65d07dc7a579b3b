"""Who comes to a call, and who cannot."""
