"""What the reader must know of English: words, phrases, numbers, and what they do to the words around them."""
