"""PPO with action masking on the ranker network."""
