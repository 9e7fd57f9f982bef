"""English: its words, word order and sentences. The package takes it from ``language`` and ``word_forms`` here."""
