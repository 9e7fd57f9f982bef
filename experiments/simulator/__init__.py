"""How real the simulated people are, and whether policies rank alike with all of them."""
