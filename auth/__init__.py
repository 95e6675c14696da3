"""Who is calling, from which device, and what they may do."""
