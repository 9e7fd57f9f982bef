"""Encoders measured, and the reading of real dialogues evaluated."""
