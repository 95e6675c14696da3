"""Kill -9 at random moments: what was acknowledged is there, nothing is there by half."""
