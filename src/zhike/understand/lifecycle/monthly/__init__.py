"""The stage of life at the end of each month."""
