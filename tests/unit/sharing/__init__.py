"""Mail and what leaves the folder."""
