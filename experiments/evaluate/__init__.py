"""Policies compared on the same simulated people."""
