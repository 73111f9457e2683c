"""The named segments as rules, to begin with where a firm wants others."""

from __future__ import annotations

# What `rfm_segment` computes, one condition for each segment: no customer has two.
RULES = {
    "champions": "recency >= 4 and frequency >= 4",
    "loyal": "recency = 3 and frequency >= 4",
    "promising": "recency >= 4 and frequency between 2 and 3",
    "new": "recency >= 4 and frequency = 1",
    "needs_attention": "recency = 3 and frequency <= 3",
    "about_to_sleep": "recency = 2 and frequency <= 2",
    "at_risk": "recency <= 2 and frequency between 3 and 4",
    "cannot_lose": "recency <= 2 and frequency = 5",
    "hibernating": "recency = 1 and frequency <= 2",
}


def segmentation() -> str:
    """All segments as the rule of one tag, whose values they are."""
    return "\n".join(f'when {rule} then "{name}"' for name, rule in RULES.items())
