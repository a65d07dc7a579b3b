"""Pages of agencies, agreements and people."""
