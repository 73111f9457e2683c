"""What the menu shows: pages by what people want to do. A page that hangs into the frame is named here."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from zhike.ui.navigation import Group, Page

NAVIGATION = (
    Group("today", _("Today"), "sun", (Page(_("Today"), "today", _("home start")),)),
    Group("customers", _("Customers"), "users", (Page(_("Customers"), "customers", _("people clients list")),)),
    Group(
        "insight",
        _("Insight"),
        "chart-column",
        (
            Page(_("RFM"), "rfm", _("recency frequency monetary segments")),
            Page(_("Lifetime value"), "lifetime", _("CLV LTV expected purchases alive")),
            Page(_("Renewals"), "renewals", _("contracts retention lapse surrender premium")),
            Page(_("What if"), "what_if", _("LTV table scenarios strategies break-even tornado")),
            Page(_("New scenario"), "new_scenario", is_listed=False),
            Page(
                _("Behaviour"), "behaviour", _("repeat purchase per head coverage gaps share of wallet insured agents")
            ),
            Page(_("Bought together"), "affinity", _("affinity market basket cross-sell bundles lift")),
            Page(_("Next best offers"), "offers", _("NBO next-best offer recommendation cross-sell")),
            Page(_("Offer rules"), "offer_rules", _("rule base products"), is_listed=False),
            Page(_("New offer rule"), "new_offer_rule", is_listed=False),
            Page(_("Migration"), "migration", _("lifecycle stages moves Markov forecast Sankey")),
            Page(_("Retention"), "retention", _("cohorts survival Kaplan-Meier churn defection reasons")),
            Page(_("Who may leave"), "churn", _("propensity lapse surrender dormant quiet trend")),
            Page(_("Loyalty"), "loyalty", _("satisfaction surveys recommend NPS")),
        ),
    ),
    Group(
        "tags",
        _("Tags & audiences"),
        "tags",
        (
            Page(_("Tags"), "tags", _("themes definitions coverage accuracy")),
            Page(_("New tag"), "new_tag", is_listed=False),
            Page(_("Audiences"), "audiences", _("rules groups frozen lists")),
            Page(_("New audience"), "new_audience", _("builder"), is_listed=False),
        ),
    ),
    Group(
        "data",
        _("Data"),
        "database",
        (
            Page(_("Possible duplicates"), "duplicates", _("merge split identity linking")),
            Page(_("Decisions"), "decisions", _("merge split"), is_listed=False),
            Page(_("Data quality"), "quality", _("completeness accuracy uniqueness freshness")),
            Page(_("Quality rules"), "quality_rules", _("targets weights")),
            Page(_("New quality rule"), "new_quality_rule", is_listed=False),
            Page(_("Reviews"), "reviews", _("samples accuracy inspection")),
            Page(_("Plan a review"), "new_review", is_listed=False),
            Page(_("Agents who have left"), "departed_agents", _("orphans return visits")),
            Page(_("Imports"), "imports", _("files rejects")),
            Page(_("Import a file"), "import_file", _("upload"), is_listed=False),
            Page(_("Sources"), "sources", _("systems lists lawful basis")),
            Page(_("Add a source"), "new_source", is_listed=False),
            Page(_("Refreshes"), "refreshes", _("compute put back")),
            Page(_("Background work"), "jobs", _("jobs progress")),
        ),
    ),
    Group(
        "governance",
        _("Governance"),
        "scale",
        (
            Page(_("API tokens"), "tokens", _("machines programs")),
            Page(_("Components"), "gallery", is_listed=False),
            Page(_("Account"), "account", _("password"), is_listed=False),
        ),
    ),
)
