"""Audiences beside each other and beside everybody."""
