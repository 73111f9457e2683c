"""Rules as expressions of Ibis over attributes and facts."""
