"""How many customers are in which stage, and go from which to which."""
