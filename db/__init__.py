"""Engine, tables and migrations: how rows are kept, never what they mean."""
