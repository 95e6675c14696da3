"""The file system: names in SQL, bytes in immutable S3 objects."""
