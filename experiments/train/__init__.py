"""Training of agents, and the tuning of the heuristic they must beat."""
