"""Who has which tag: bitmaps, columns, and single customers."""
