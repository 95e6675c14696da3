"""Plans, capacity and usage: how much a contract may hold and holds."""
