"""Rooms and deadlines under load: many processes at one contract, thousands of contracts in one run."""
