"""People made of language: personas played by a language model behind the interface of the scripted ones."""
