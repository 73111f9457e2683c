"""What is computed of the quality of customers' data: marks of each customer, and the counts behind the board."""

from __future__ import annotations

from zhike.collect.profiles.tables import CUSTOMER_ID
from zhike.warehouse.contracts import Column, Contract, Kind

IDENTIFYING = ("phone", "email", "id_number")  # a value of these is one customer's own

CONTACT_POINTS = Contract(
    namespace="computed",
    name="contact_points",
    grain="one customer",
    key=("customer_id",),
    columns=(
        CUSTOMER_ID,
        Column("phone", Kind.TEXT, "The first telephone number that is one, as E.164.", personal=True),
        Column("email", Kind.TEXT, "The e-mail address in small letters, if it can be one.", personal=True),
        Column("id_number", Kind.TEXT, "The identity number in capitals without blanks.", personal=True),
        Column("has_valid_check", Kind.BOOLEAN, "Its check digit is right; empty where numbers of its kind have none."),
    ),
    sorted_by=("customer_id",),
    by_customer=True,
)

SHARED_CONTACTS = Contract(
    namespace="computed",
    name="shared_contacts",
    grain="one phone number, e-mail address or identity number that several customers have",
    key=("kind", "value"),
    columns=(
        Column("kind", Kind.TEXT, "What it is.", required=True, one_of=IDENTIFYING),
        Column("value", Kind.TEXT, "As it stands in `contact_points`.", required=True, personal=True),
        Column("customer_count", Kind.INTEGER, "How many customers have it.", unit="customers"),
    ),
    sorted_by=("kind", "value"),
)


def _mark(name: str, of: str, *values: str) -> Column:
    return Column(name, Kind.TEXT, f"What {of} is worth.", one_of=values)


def _sharers(name: str, what: str) -> Column:
    return Column(
        name, Kind.INTEGER, f"Other customers with the same {what}; empty where none is known.", unit="customers"
    )


# A mark says what a value is worth, and nothing of what it is: rules about it take no right to see personal data.
MARKS = (
    _mark("name_quality", "the name", "missing", "meaningless", "stated"),
    _mark("gender_quality", "the gender", "missing", "contradicted", "stated", "confirmed"),
    _mark("born_on_quality", "the day of birth", "missing", "implausible", "contradicted", "plausible", "confirmed"),
    _mark("id_number_quality", "the identity number", "missing", "malformed", "wrong_check", "unchecked", "valid"),
    _mark("phone_quality", "the better of the two telephone numbers", "missing", "invalid", "valid"),
    _mark("email_quality", "the e-mail address", "missing", "invalid", "valid"),
    _mark("address_quality", "the postal address", "missing", "vague", "complete"),
    _mark("postal_code_quality", "the postal code", "missing", "malformed", "plausible"),
    _sharers("phone_sharers", "phone number"),
    _sharers("email_sharers", "e-mail address"),
    _sharers("id_number_sharers", "identity number"),
    Column("updated_on", Kind.DATE, "Day the source last changed the record."),
    Column("sales_channel", Kind.TEXT, "Channel of the newest contract that has not ended, else of what came last."),
    Column("agent_left_on", Kind.DATE, "Last day of the member of staff who looks after the customer, once over."),
)

QUALITY_MARKS = Contract(
    namespace="computed",
    name="quality_marks",
    grain="one customer",
    key=("customer_id",),
    columns=(CUSTOMER_ID, *MARKS),
    sorted_by=("customer_id",),
    by_customer=True,
)

# By whom and where a customer is looked after, sold to and known from; empty where that is not known.
DIMENSIONS = ("unit_id", "channel", "source", "agent_id")

QUALITY_COUNTS = Contract(
    namespace="computed",
    name="quality_counts",
    grain="one quality rule in one org unit, channel, source and agent, of one range of customers",
    key=("rule", *DIMENSIONS),
    columns=(
        Column("rule", Kind.TEXT, "Name of the rule; empty for the customers themselves.", required=True),
        Column("version", Kind.INTEGER, "Version of the rule."),
        Column("unit_id", Kind.TEXT, "Org unit that looks after the customers."),
        Column("channel", Kind.TEXT, "Their sales channel."),
        Column("source", Kind.TEXT, "The source that their records were taken from."),
        Column("agent_id", Kind.TEXT, "Member of staff who looks after them."),
        Column("applies_count", Kind.INTEGER, "Customers to whom the rule applies.", unit="customers"),
        Column("good_count", Kind.INTEGER, "Those of them who fulfil it.", unit="customers"),
    ),
    sorted_by=("rule", *DIMENSIONS),
    kept_history=True,
)
