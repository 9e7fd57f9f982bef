"""Temporal-difference control with a table of values, or with linear ones."""
