"""How often a tag is right: counted, reviewed, and held against what came later."""
