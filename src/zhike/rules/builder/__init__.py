"""The rows of the builder: made of a tree, and made into one."""
