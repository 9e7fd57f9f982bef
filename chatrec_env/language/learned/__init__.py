"""The reader that has learned: mentions are found by lexicon, and a network on token states tells what is meant."""
