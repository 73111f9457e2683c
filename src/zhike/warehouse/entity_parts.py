"""What the contracts of several entities have in common."""

from __future__ import annotations

from collections.abc import Mapping

from zhike.warehouse.contracts import Column, Contract, Kind

TEXT, INTEGER, DECIMAL, BOOLEAN = Kind.TEXT, Kind.INTEGER, Kind.DECIMAL, Kind.BOOLEAN
DATE, INSTANT, JSON = Kind.DATE, Kind.INSTANT, Kind.JSON

SOURCE = Column("source", TEXT, "Name of the source that delivered the row.", required=True)

PROVENANCE = (
    Column("extra", JSON, "Columns of the file that the mapping does not name, as one JSON object.", personal=True),
    Column("import_id", INTEGER, "The import that brought this version of the row."),
    Column("row_number", INTEGER, "Place of the row in its file, counted from 1 without the header."),
    Column("is_correction", BOOLEAN, "An earlier version of the same key exists."),
)
PROVENANCE_NAMES = tuple(column.name for column in PROVENANCE)

CUSTOMER = (
    Column(
        "customer_source",
        TEXT,
        "The source whose key names the customer; the row's own source unless mapped.",
        required=True,
        default="{source}",
    ),
    Column("customer_key", TEXT, "What that source calls the customer.", required=True, personal=True),
)

PERSON = (
    Column(
        "kind",
        TEXT,
        "Civil standing.",
        required=True,
        one_of=("person", "organisation"),
        default="person",
    ),
    Column("name", TEXT, "Full name in the customer's own order.", personal=True),
    Column("family_name", TEXT, "Family name.", personal=True),
    Column("given_name", TEXT, "Given name.", personal=True),
    Column("gender", TEXT, "Gender as stated.", personal=True, one_of=("female", "male", "other")),
    Column("born_on", DATE, "Date of birth, or of foundation.", personal=True, past=True),
    Column("id_type", TEXT, "Kind of identity document.", personal=True),
    Column("id_number", TEXT, "Number of the identity document or register entry.", personal=True),
    Column("phone", TEXT, "First telephone number, as received.", personal=True),
    Column("phone_2", TEXT, "Second telephone number, as received.", personal=True),
    Column("email", TEXT, "E-mail address, as received.", personal=True),
    Column("address", TEXT, "Postal address, as received.", personal=True),
    Column("province", TEXT, "Province or state.", personal=True),
    Column("city", TEXT, "City.", personal=True),
    Column("district", TEXT, "District or county.", personal=True),
    Column("postal_code", TEXT, "Postal code.", personal=True),
    Column("country", TEXT, "Country."),
    Column("language", TEXT, "Preferred language, as a BCP 47 tag such as zh-CN or en."),
    Column("occupation", TEXT, "Occupation.", personal=True),
    Column("employer", TEXT, "Employer, or parent organisation.", personal=True),
    Column("job_title", TEXT, "Position at the employer.", personal=True),
    Column("marital_status", TEXT, "Marital status as stated.", personal=True),
    Column("income_amount", DECIMAL, "Yearly income.", unit="currency", personal=True, minimum=0),
    Column("unit_id", TEXT, "Org unit that looks after the customer."),
    Column("agent_id", TEXT, "Member of staff who looks after the customer."),
    Column("referred_by", TEXT, "Key of the customer who referred this one.", personal=True),
    Column("first_seen_on", DATE, "Day the source first knew the customer.", past=True),
    Column("updated_at", INSTANT, "When the source last changed the record.", past=True),
)

# What one customer is to another → what the other is to the first.
RELATIONS: Mapping[str, str] = {
    "member": "organisation",
    "organisation": "member",
    "household": "household",
    "spouse": "spouse",
    "parent": "child",
    "child": "parent",
    "relative": "relative",
    "referrer": "referred",
    "referred": "referrer",
    "supplier": "buyer",
    "buyer": "supplier",
    "branch": "parent_firm",
    "parent_firm": "branch",
    "other": "other",
}
LAYERS = ("operating", "management", "decision")
FUNCTIONS = ("user", "technical", "finance")
RELATION = (
    Column(
        "related_source",
        TEXT,
        "The source whose key names the other customer; the row's own source unless mapped.",
        required=True,
        default="{source}",
    ),
    Column("related_key", TEXT, "What that source calls the other customer.", required=True, personal=True),
    Column("kind", TEXT, "What the other is to the customer.", required=True, one_of=tuple(RELATIONS)),
    Column("role", TEXT, "Position or role, such as head of purchasing.", personal=True),
    Column("department", TEXT, "Department of the organisation.", personal=True),
    Column("layer", TEXT, "Where a member stands in the organisation.", one_of=LAYERS),
    Column("function", TEXT, "What a member looks at when the organisation buys.", one_of=FUNCTIONS),
    Column("since_on", DATE, "Day it began.", past=True),
    Column("until_on", DATE, "Day it ended."),
)

# The field that stands for a unit → all that is taken from one record with it: half a name of one source and half of
# another is nobody's name.
UNITS: Mapping[str, tuple[str, ...]] = {
    "kind": ("kind",),
    "name": ("name", "family_name", "given_name"),
    "gender": ("gender",),
    "born_on": ("born_on",),
    "id_number": ("id_number", "id_type"),
    "phone": ("phone",),
    "phone_2": ("phone_2",),
    "email": ("email",),
    "address": ("address", "province", "city", "district", "postal_code"),
    "country": ("country",),
    "language": ("language",),
    "occupation": ("occupation",),
    "employer": ("employer", "job_title"),
    "marital_status": ("marital_status",),
    "income_amount": ("income_amount",),
    "unit_id": ("unit_id",),
    "agent_id": ("agent_id",),
    "referred_by": ("referred_by",),
}


def entity(name: str, grain: str, key: tuple[str, ...], *columns: Column) -> Contract:
    """The contract of one collected entity: its own columns between source and provenance."""
    return Contract(
        namespace="collected",
        name=name,
        grain=grain,
        key=("source", *key),
        columns=(SOURCE, *columns, *PROVENANCE),
        partition_by=("source",),
    )
