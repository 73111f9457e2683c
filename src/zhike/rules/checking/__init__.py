"""Whether the parts of a rule mean something and fit together."""
