"""PPO with action masking on the ranker network, on stable-baselines3."""
