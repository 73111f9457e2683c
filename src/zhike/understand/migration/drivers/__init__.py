"""What drives a move between stages of life: bands of what was known before it, and who of each moved."""
