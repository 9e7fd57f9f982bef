"""Named parameter sets of the simulated people."""
