"""The documentation is held to the code: what is there is described, and what is described is there."""
