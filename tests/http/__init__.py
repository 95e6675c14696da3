"""HTTP as the running product speaks it, over bare sockets, on both servers (CLIENTS.md A1, A12)."""
