"""Pages of tags, and what they are made of."""
