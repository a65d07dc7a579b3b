"""Judges what was typed about agencies, people and paper."""
