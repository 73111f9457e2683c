"""Tags and rules in the words of the reader."""
