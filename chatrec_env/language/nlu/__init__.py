"""Reading text: from characters to tokens, chunks and dialogue acts, with no model."""
