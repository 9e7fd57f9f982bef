"""Learners of stable-baselines3 and sb3-contrib, with their own networks and every keyword they have."""
