"""The page of who stays."""
