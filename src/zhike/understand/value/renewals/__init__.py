"""Which contracts will be renewed, and what they will bring."""
