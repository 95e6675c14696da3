"""Who gets in, seen from outside: devices, lines, locks and the log of it, against the running product."""
