"""What could be shown: the candidates of a turn, and the factors behind their scores."""
