"""A fictional insurer whose truth is known, so that every later stage can be judged."""
