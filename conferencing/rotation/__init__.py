"""Whose turn it is to facilitate and to take notes: turns, roles, swaps."""
