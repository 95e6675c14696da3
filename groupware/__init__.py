"""Contests, scheduler and bulletin board (their place in the house)."""
