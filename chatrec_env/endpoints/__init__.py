"""How OpenAI-compatible endpoints are asked: the HTTP client, and when to ask again."""
