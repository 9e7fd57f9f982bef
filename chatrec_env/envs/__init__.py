"""The environments: single and vector, their keywords, registration and rendering."""
