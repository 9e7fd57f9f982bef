"""Logs of conversations, and what other policies would have got: off-policy evaluation."""
