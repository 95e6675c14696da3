"""The edge: configuration, wiring, servers, jobs and the command line."""
