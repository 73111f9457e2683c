"""Pages of audiences, and what they are made of."""
