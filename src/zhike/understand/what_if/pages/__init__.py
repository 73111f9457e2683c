"""Pages of scenarios: their list, and the one on which a scenario is worked out."""
