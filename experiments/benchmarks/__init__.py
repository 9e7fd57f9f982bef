"""Speed, size, and fingerprints of what must not change."""
