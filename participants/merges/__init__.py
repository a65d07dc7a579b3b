"""Records that may be of one person: found, told apart, joined, and taken apart again."""
