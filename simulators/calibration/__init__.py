"""Populations of people fitted to real ratings, and how real they are."""
