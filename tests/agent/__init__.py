"""`azukari agent` as a customer runs it, against the running product."""
