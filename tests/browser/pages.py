"""Every page there is, for the tests that look at all of them."""

from __future__ import annotations

# Name of the picture → address in the demo company.
PAGES = {
    "today": "/",
    "customers": "/customers/",
    "customer": "/customers/?q=%E5%88%98%E6%95%8F%E8%96%87",  # who bought, and holds contracts
    "rfm": "/insight/rfm/",
    "tags": "/tags/",
    "tag": "/tags/rfm_segment/",
    "tag-number": "/tags/spent_last_year/",
    "tag-date": "/tags/last_purchase_on/",
    "tag-yes-no": "/tags/high_value/",
    "tags-of-theme": "/tags/?in=business%2Fvalue",
    "tag-new": "/tags/new-tag/",
    "tag-edit": "/tags/lifecycle_stage/edit/",
    "tag-version": "/tags/lifecycle_stage/versions/1/",
    "tag-review": "/tags/gender/review/",
    "why": "/customers/5/tags/lifecycle_stage/",
    "audiences": "/audiences/",
    "audiences-archived": "/audiences/?archived=yes",
    "audience-new": "/audiences/new/?rule=order_count%3E0+and+(age%3E30+or+gender%3D%22female%22)",
    "audience-new-empty": "/audiences/new/",
    "audience-new-mistaken": "/audiences/new/?rule=gendre+%3D+%22female%22+and+age+%3E+30",
    "tag-new-value": "/tags/new-tag/?rule=when+age+%3C+30+then+%22young%22+otherwise+%22old%22",
    "quality": "/quality/",
    "quality-by-agent": "/quality/?by=agent",
    "quality-rules": "/quality/rules/",
    "quality-rule": "/quality/rules/email_stated/",
    "quality-rule-new": "/quality/new-rule/",
    "reviews": "/quality/reviews/",
    "review-new": "/quality/new-review/",
    "departed": "/quality/departed/",
    "sources": "/data/sources/",
    "imports": "/data/imports/",
    "import": "/data/imports/1/",
    "import-file": "/data/import/",
    "refreshes": "/data/refreshes/",
    "refresh": "/data/refreshes/1/",
    "jobs": "/data/jobs/",
    "tokens": "/governance/tokens/",
    "token-new": "/governance/tokens/new/",
    "source": "/data/sources/core/",
    "source-new": "/data/new-source/",
    "account": "/account/",
    "search": "/search/?q=%E7%8E%8B",
    "components": "/ui/",
}
# Those that say something else where there is no data yet.
EMPTY = ("today", "customers", "rfm", "audiences", "sources", "imports", "refreshes", "jobs", "tokens")
