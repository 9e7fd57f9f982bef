"""What further reward terms and potentials are computed from, and the rewards that have names."""
