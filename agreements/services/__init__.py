"""What is done to agencies, their people and their paper; each act with its audit entry."""
