"""The text of rules: its grammar, reading and spelling, and what is wrong with a text that is none."""
