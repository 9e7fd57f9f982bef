"""Single conversations: watched, typed, served, and written down."""
