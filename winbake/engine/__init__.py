"""Facts, plan, apply, proof: the run on one host, and the record of it."""
