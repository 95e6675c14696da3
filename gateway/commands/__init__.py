"""The commands of `azukari`, one file a subject; `gateway.cli` puts them together."""
