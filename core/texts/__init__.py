"""The words people read, Japanese and English, one file a subject. `core.messages` looks them up."""
