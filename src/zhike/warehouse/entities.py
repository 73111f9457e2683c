"""The contracts of everything that is collected, as the sources gave it.

`customer_key` is what a source calls its customer; `customer_id` is ours and appears
only in what is computed. Every other `_id` here is the source's.
"""

from __future__ import annotations

from zhike.warehouse.contracts import Column, Contract, Kind
from zhike.warehouse.entity_parts import CUSTOMER, PERSON, RELATION, entity

TEXT, INTEGER, DECIMAL, BOOLEAN = Kind.TEXT, Kind.INTEGER, Kind.DECIMAL, Kind.BOOLEAN
DATE, INSTANT, JSON = Kind.DATE, Kind.INSTANT, Kind.JSON


SOURCE_RECORDS = entity(
    "source_records",
    "one version of one record about a person or organisation in one source",
    ("customer_key",),
    Column("customer_key", TEXT, "What the source calls the customer.", required=True, personal=True),
    *PERSON,
)

LEADS = entity(
    "leads",
    "one version of one possible customer on one list",
    ("lead_id",),
    Column("lead_id", TEXT, "What the source calls the lead.", required=True, personal=True),
    Column(
        "source_class",
        TEXT,
        "Where the lead came from.",
        required=True,
        one_of=(
            "customer_referral",
            "prospect_referral",
            "family_or_staff_referral",
            "exhibition",
            "trade_press_and_advertising",
            "directory",
            "association",
            "public_register",
            "event_attendance",
            "web_enquiry",
            "partner_exchange",
            "purchased_list",
        ),
    ),
    Column("received_on", DATE, "Day the lead was received.", past=True),
    *PERSON,
)

PARTIES = entity(
    "parties",
    "one version of one role of one customer in one contract",
    ("contract_id", "role", "customer_source", "customer_key"),
    Column("contract_id", TEXT, "The contract.", required=True),
    Column(
        "role",
        TEXT,
        "How the customer takes part in the contract.",
        required=True,
        one_of=("holder", "insured", "beneficiary", "payer", "user", "contact_person"),
    ),
    *CUSTOMER,
    Column("relation_to_holder", TEXT, "self, spouse, child, parent or another word of the source.", personal=True),
    Column("share", Kind.NUMBER, "Share of the benefit.", unit="0 to 1", minimum=0),
    Column("since_on", DATE, "Day the role began."),
)

ORDERS = entity(
    "orders",
    "one version of one line of one order",
    ("order_id", "line_id"),
    Column("order_id", TEXT, "The order or invoice.", required=True),
    Column("line_id", TEXT, "The line within the order.", required=True, default="1"),
    *CUSTOMER,
    Column("ordered_at", INSTANT, "When it was ordered.", required=True, past=True),
    Column("ordered_on", DATE, "Day it was ordered.", day_of="ordered_at"),
    Column("product_id", TEXT, "Product or article number."),
    Column("product_name", TEXT, "Name of the product at the time."),
    Column("category", TEXT, "Product category."),
    Column("line_of_business", TEXT, "Line of business.", default="general"),
    Column("quantity", DECIMAL, "Pieces.", unit="pieces"),
    Column("unit_price", DECIMAL, "Price of one piece.", unit="currency", minimum=0),
    Column("amount", DECIMAL, "What the line earned after discount.", unit="currency", required=True, minimum=0),
    Column("discount_amount", DECIMAL, "Discount given.", unit="currency", minimum=0),
    Column("currency", TEXT, "ISO 4217 code; must be the installation's currency.", default="{currency}"),
    Column("channel", TEXT, "Sales channel."),
    Column("unit_id", TEXT, "Org unit that sold."),
    Column("agent_id", TEXT, "Member of staff who sold."),
)

CONTRACTS = entity(
    "contracts",
    "one version of one lasting agreement",
    ("contract_id",),
    Column("contract_id", TEXT, "Policy, subscription, plan or card number.", required=True, personal=True),
    *CUSTOMER,
    Column("product_id", TEXT, "Product."),
    Column("product_name", TEXT, "Name of the product at the time."),
    Column("line_of_business", TEXT, "Line of business.", default="general"),
    Column("channel", TEXT, "Sales channel: own agents, bank, group, …"),
    Column("started_on", DATE, "First day of the contract.", required=True),
    Column("ends_on", DATE, "Last day agreed; empty where open-ended."),
    Column("terminated_on", DATE, "Day it ended before its time."),
    Column(
        "status",
        TEXT,
        "Status as the source states it.",
        one_of=("active", "lapsed", "surrendered", "cancelled", "matured", "claimed", "suspended"),
    ),
    Column("premium_amount", DECIMAL, "Premium or fee of one payment.", unit="currency", minimum=0),
    Column(
        "premium_period",
        TEXT,
        "How often it is paid.",
        one_of=("single", "weekly", "monthly", "quarterly", "half_yearly", "yearly"),
    ),
    Column("sum_insured_amount", DECIMAL, "Sum insured or credit line.", unit="currency", minimum=0),
    Column("currency", TEXT, "ISO 4217 code; must be the installation's currency.", default="{currency}"),
    Column("is_auto_renewed", BOOLEAN, "Renews by itself."),
    Column("unit_id", TEXT, "Org unit that holds the contract."),
    Column("agent_id", TEXT, "Member of staff who sold or serves it."),
)

EVENTS = entity(
    "events",
    "one version of one thing a customer did",
    ("event_id",),
    Column("event_id", TEXT, "The event.", required=True),
    *CUSTOMER,
    Column("kind", TEXT, "What happened: login, page_view, claim, …", required=True),
    Column("occurred_at", INSTANT, "When it happened.", required=True, past=True),
    Column("occurred_on", DATE, "Day it happened.", day_of="occurred_at"),
    Column("channel", TEXT, "Where it happened: app, web, …"),
    Column("properties", JSON, "Further properties, as one JSON object.", personal=True),
)

INTERACTIONS = entity(
    "interactions",
    "one version of one human contact",
    ("interaction_id",),
    Column("interaction_id", TEXT, "The contact.", required=True),
    *CUSTOMER,
    Column("occurred_at", INSTANT, "When it took place.", required=True, past=True),
    Column("occurred_on", DATE, "Day it took place.", day_of="occurred_at"),
    Column("channel", TEXT, "call, visit, chat, counter or another word of the source.", required=True),
    Column("direction", TEXT, "Who began.", one_of=("inbound", "outbound")),
    Column("topic", TEXT, "What it was about."),
    Column("outcome", TEXT, "What came of it."),
    Column("duration_seconds", Kind.NUMBER, "How long it took.", unit="seconds", minimum=0),
    Column("agent_id", TEXT, "Member of staff."),
    Column("unit_id", TEXT, "Org unit."),
    Column("note", TEXT, "What was said.", personal=True),
)

MESSAGES = entity(
    "messages",
    "one version of one outbound communication to one customer on one channel",
    ("message_id",),
    Column("message_id", TEXT, "The message.", required=True),
    *CUSTOMER,
    Column("sent_at", INSTANT, "When it was sent.", required=True, past=True),
    Column("sent_on", DATE, "Day it was sent.", day_of="sent_at"),
    Column("channel", TEXT, "email, sms, app, post or another word of the source.", required=True),
    Column("purpose", TEXT, "promotion, service or another word of the source."),
    Column("campaign", TEXT, "Campaign it belongs to, as the source names it."),
    Column("subject", TEXT, "Subject line."),
    Column("address", TEXT, "Where it was sent.", personal=True),
)

RESPONSES = entity(
    "responses",
    "one version of one thing that came back",
    ("response_id",),
    Column("response_id", TEXT, "The response.", required=True),
    *CUSTOMER,
    Column("message_id", TEXT, "The message it answers."),
    Column("campaign", TEXT, "Campaign it answers, as the source names it."),
    Column(
        "kind",
        TEXT,
        "What came back.",
        required=True,
        one_of=(
            "delivered",
            "bounced",
            "opened",
            "clicked",
            "replied",
            "unsubscribed",
            "complained",
            "converted",
            "refused",
        ),
    ),
    Column("occurred_at", INSTANT, "When it came back.", required=True, past=True),
    Column("occurred_on", DATE, "Day it came back.", day_of="occurred_at"),
    Column("amount", DECIMAL, "Value of a conversion.", unit="currency", minimum=0),
    Column("reason", TEXT, "Reason given, such as that of a refusal or bounce."),
)

RELATIONS = entity(
    "relations",
    "one version of one relation of a customer to another",
    ("customer_source", "customer_key", "related_source", "related_key", "kind"),
    *CUSTOMER,
    *RELATION,
)

PRODUCTS = entity(
    "products",
    "one version of one product",
    ("product_id",),
    Column("product_id", TEXT, "Product or article number.", required=True),
    Column("name", TEXT, "Name.", required=True),
    Column("category", TEXT, "Category."),
    Column("line_of_business", TEXT, "Line of business.", default="general"),
    Column("price_amount", DECIMAL, "List price.", unit="currency", minimum=0),
    Column("cost_amount", DECIMAL, "Cost of one piece.", unit="currency", minimum=0),
    Column("currency", TEXT, "ISO 4217 code; must be the installation's currency.", default="{currency}"),
    Column("launched_on", DATE, "First day of sale."),
    Column("ends_on", DATE, "Last day of sale."),
    Column("tags", TEXT, "Words that tell it, such as gift, vegan; a comma, semicolon or bar stands between two."),
)

ORG_UNITS = entity(
    "org_units",
    "one version of one org unit",
    ("unit_id",),
    Column("unit_id", TEXT, "The unit.", required=True),
    Column("name", TEXT, "Name.", required=True),
    Column("parent_id", TEXT, "The unit above; empty for head office."),
    Column("level", TEXT, "Level.", one_of=("head_office", "branch", "sub_branch", "team")),
    Column("province", TEXT, "Province."),
    Column("city", TEXT, "City."),
)

STAFF = entity(
    "staff",
    "one version of one member of staff",
    ("staff_id",),
    Column("staff_id", TEXT, "The member of staff.", required=True),
    Column("name", TEXT, "Full name.", required=True, personal=True),
    Column("unit_id", TEXT, "Org unit."),
    Column("role", TEXT, "agent, manager, analyst or another word of the source."),
    Column("phone", TEXT, "Telephone.", personal=True),
    Column("email", TEXT, "E-mail.", personal=True),
    Column("joined_on", DATE, "First day.", past=True),
    Column("left_on", DATE, "Last day; empty while employed."),
)

ENTITIES: dict[str, Contract] = {
    contract.name: contract
    for contract in (
        SOURCE_RECORDS,
        PARTIES,
        ORDERS,
        CONTRACTS,
        EVENTS,
        INTERACTIONS,
        MESSAGES,
        RESPONSES,
        RELATIONS,
        PRODUCTS,
        ORG_UNITS,
        STAFF,
        LEADS,
    )
}
REJECTS = Contract(
    namespace="collected",
    name="rejects",
    grain="one row of a file that an import did not accept",
    key=("import_id", "row_number"),
    columns=(
        Column("import_id", INTEGER, "The import."),
        Column("row_number", INTEGER, "Place of the row in its file, counted from 1 without the header."),
        Column("column", TEXT, "The columns at fault, in the names of the contract, set apart by ` | `."),
        Column("value", TEXT, "Their values.", personal=True),
        Column("reason", TEXT, "Why each was not accepted."),
        Column("row", JSON, "The row as received, as one JSON object.", personal=True),
    ),
)
# Facts: entities that say something of a customer at a time.
FACTS = (PARTIES, ORDERS, CONTRACTS, EVENTS, INTERACTIONS, MESSAGES, RESPONSES)
