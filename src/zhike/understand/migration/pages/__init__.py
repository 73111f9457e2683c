"""The page of how customers move."""
