"""Simulated people and retrieval held against real ratings."""
