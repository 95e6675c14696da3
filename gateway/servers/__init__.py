"""Two HTTP servers behind one switch: cheroot with our own strict reading, and granian (docs/adr)."""
