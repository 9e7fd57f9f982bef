"""Rule-based user simulators: who the person is, what they decide, and what they say."""
