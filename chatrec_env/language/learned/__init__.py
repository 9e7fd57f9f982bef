"""The reader that has learned: mentions are found by lexicon, and small heads on token states tell what is meant."""
