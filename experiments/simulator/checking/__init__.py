"""Whether simulated people can be trusted: how like real people they are, and how well they judge systems."""
