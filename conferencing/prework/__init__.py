"""What an agency knows of its households before the call."""
