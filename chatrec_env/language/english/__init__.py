"""English: its words, word order and templates."""
