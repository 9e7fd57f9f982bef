"""Reading, whatever the language: from text to tokens, to the stretches that mean something, to dialogue acts."""
