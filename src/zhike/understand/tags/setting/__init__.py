"""Tags set by a person, a file or another program: acts written down, and what they come to."""
