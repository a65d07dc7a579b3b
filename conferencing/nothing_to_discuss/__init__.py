"""Households whose step is under way and of which nothing changed: read out at a call as one."""
