"""Shares by mail, publishing and contract-to-contract transfer (their place in the house)."""
