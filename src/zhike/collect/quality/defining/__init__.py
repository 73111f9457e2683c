"""Quality rules: what there is, how it is written down, and what came with Zhike."""
