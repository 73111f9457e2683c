"""How names, numbers, days and firms are spelt when they are compared: expressions of Ibis, from a value to a value.

Two spellings of the same thing come out equal. What is missing, empty or a word for nothing ("无", "N/A") comes out
`NULL`, and no text raises. Everything gives the same on every engine, so patterns use only what RE2 and Java both have:
no look-around, no references back to a group, no `\\s`, `\\b` or `\\w`, and no dot that could meet a line break.
"""
