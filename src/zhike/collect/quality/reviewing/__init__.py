"""Review campaigns: who is looked at, by whom, what was found, and what that says of everybody."""
