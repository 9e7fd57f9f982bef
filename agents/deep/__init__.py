"""Deep Q-learning, deep SARSA and SlateQ on a network that scores candidates."""
