"""The first page, and the search of the header."""
