"""One's own catalogue: checked, drafted, and joined with ratings."""
