"""Definitions drafted, published, kept in files, and what another one would change."""
