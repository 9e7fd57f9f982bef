"""The LLM user simulator: personas played by a language model behind the interface of the rule-based one."""
