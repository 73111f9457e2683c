"""Pages of offers: what customers are to be offered, to whom a product is, and the rule base."""
