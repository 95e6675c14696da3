"""Stories of people at the pages, in Debian's Chromium."""
