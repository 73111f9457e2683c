"""The words that pages use for jobs."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from zhike.operate.jobs.models import Job
from zhike.ui.navigation import Words

KINDS: dict[str, Words] = {"refresh": _("Refresh"), "import": _("Import"), "tag": _("Tags"), "upload": _("Import")}
# What a job may be doing: steps of a refresh and of an import.
ACTIVITIES: dict[str, Words] = {
    "identity_decisions": _("Decisions of people"),
    "normalised_records": _("Records in one spelling"),
    "key_groups": _("Who is one customer"),
    "customer_ids": _("Numbers of customers"),
    "identity_map": _("Identity of customers"),
    "customer_redirects": _("Merged customers"),
    "customer_moves": _("Merges and splits"),
    "possible_duplicates": _("Possible duplicates"),
    "source_priorities": _("Which source goes before"),
    "corrections": _("Corrections"),
    "customer_records": _("Records by customer"),
    "customers": _("Customers"),
    "orders_by_customer": _("Orders by customer"),
    "contracts_by_customer": _("Contracts by customer"),
    "parties_by_customer": _("Parties by customer"),
    "events_by_customer": _("Events by customer"),
    "interactions_by_customer": _("Interactions by customer"),
    "messages_by_customer": _("Messages by customer"),
    "responses_by_customer": _("Responses by customer"),
    "contract_parties": _("Parties to contracts"),
    "search_terms": _("Search index"),
    "customer_relations": _("Relations"),
    "contact_points": _("Telephones and addresses"),
    "shared_contacts": _("Who shares a telephone or an address"),
    "quality_marks": _("What values are worth"),
    "quality_counts": _("Quality figures"),
    "order_summary": _("Summary of orders"),
    "value_models": _("Models of how often and how much customers buy"),
    "customer_value": _("Expected value of each customer"),
    "renewal_models": _("Models of which contracts are renewed"),
    "customer_renewals": _("Expected renewals of each customer"),
    "contract_summary": _("Summary of contracts"),
    "activity_summary": _("Summary of activity"),
    "purchase_gaps": _("Gaps between purchases"),
    "rhythm_model": _("How regularly customers buy"),
    "rhythm": _("Rhythm and trend of each customer"),
    "propensity_models": _("Models of who may leave"),
    "propensities": _("Chance of leaving"),
    "bought_items": _("What is bought"),
    "basket_counts": _("What is bought together"),
    "affinity_rules": _("Rules of what is bought together"),
    "offer_rules": _("Rules of what to offer"),
    "next_best_offers": _("Next best offers"),
    "rfm_values": _("What RFM looks at"),
    "rfm_bounds": _("Borders of the RFM scores"),
    "rfm": _("RFM scores"),
    "line_use": _("Lines of business in use"),
    "customer_behaviour": _("How customers behave"),
    "behaviour_counts": _("Figures of behaviour"),
    "customer_loyalty": _("Satisfaction and loyalty"),
    "loyalty_counts": _("Figures of loyalty"),
    "active_spells": _("Who was there when"),
    "stage_runs": _("Stages of life by month"),
    "lifecycle": _("Stages of life"),
    "stage_moves": _("Moves between stages"),
    "retention_cohorts": _("Cohorts"),
    "stay_counts": _("How long customers stay"),
    "defection_reasons": _("Why customers leave"),
    "attributes": _("Attributes of customers"),
    "attribute_bitmaps": _("Index of attributes"),
    "tags": _("Tags"),
    "tag_bitmaps": _("Index of tags"),
    "customer_list": _("List of customers"),
    "reading": _("Reading the file"),
    "landing": _("Adding the rows"),
}
TABLES: dict[str, Words] = {
    "source_records": _("Customer records"),
    "parties": _("Parties to contracts"),
    "orders": _("Orders"),
    "contracts": _("Contracts"),
    "events": _("Events"),
    "interactions": _("Conversations"),
    "messages": _("Messages"),
    "responses": _("Responses"),
    "relations": _("Relations"),
    "staff": _("Staff"),
}
UNITS: dict[str, Words] = {"rows": _("rows"), "bytes": _("bytes")}
STATES: tuple[tuple[str, Words], ...] = (
    (Job.State.WAITING, _("waiting")),
    (Job.State.RUNNING, _("running")),
    (Job.State.FINISHED, _("finished")),
    (Job.State.FAILED, _("failed")),
    (Job.State.CANCELLED, _("cancelled")),
)
MARKS = {"finished": "good", "running": "busy", "failed": "bad"}
