"""How people are put into a language model's words: what they do, drafts of it, and what is let through."""
