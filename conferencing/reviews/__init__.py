"""What was said of a household, call by call, and what of it counts today."""
