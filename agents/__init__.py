"""Agents: registry, baselines, learners, oracles, checkpoints, export, and the service."""
