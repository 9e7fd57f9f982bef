"""Studies of reward shaping: what a reward teaches, how fast, and what it does to people meanwhile."""
