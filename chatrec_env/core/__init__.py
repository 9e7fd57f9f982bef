"""One turn: the kernel, its state, actions, rewards, observations and the user simulator's contract."""
