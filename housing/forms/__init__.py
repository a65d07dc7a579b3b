"""What is typed about programs, openings and what programs ask."""
