"""The strict HTTP reading under cheroot, without a network."""
