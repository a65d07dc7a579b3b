"""Fixtures for every test."""

pytest_plugins = ["conferencing.tests.cast"]
