"""Agents: baselines, tabular and deep learners, checkpoints, and the service."""
