"""The words that pages use for what is known of customers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from zhike.ui.navigation import Words

# Fields of the golden record in the order of the page; others follow by their name.
FIELDS: dict[str, Words] = {
    "name": _("Name"),
    "gender": _("Gender"),
    "born_on": _("Born on"),
    "id_type": _("Document"),
    "id_number": _("Document number"),
    "phone": _("Phone"),
    "phone_2": _("Second phone"),
    "email": _("E-mail"),
    "address": _("Address"),
    "district": _("District"),
    "city": _("City"),
    "province": _("Province"),
    "postal_code": _("Postal code"),
    "country": _("Country"),
    "language": _("Language"),
    "occupation": _("Occupation"),
    "employer": _("Employer"),
    "job_title": _("Position"),
    "marital_status": _("Marital status"),
    "income_amount": _("Yearly income"),
    "unit_id": _("Org unit"),
    "agent_id": _("Looked after by"),
    "referred_by": _("Referred by"),
    "first_seen_on": _("Known since"),
    "updated_at": _("Last changed"),
}
FIELDS_OF_ORGANISATIONS: dict[str, Words] = {"born_on": _("Founded on"), "employer": _("Parent organisation")}
ALWAYS_SHOWN = ("phone", "email", "city", "unit_id", "first_seen_on")  # as – where nobody knows it
NOT_SHOWN = ("kind", "family_name", "given_name", "extra")  # the page says them otherwise
MATCHED: dict[str, Words] = {
    "name": _("name"),
    "phone": _("phone"),
    "email": _("e-mail"),
    "id_number": _("document number"),
    "contract": _("contract number"),
    "customer_key": _("number in a source"),
    "customer_id": _("customer number"),
}
HOW: dict[str, Words] = {"exact": _("all of it"), "prefix": _("its beginning"), "part": _("a part of it")}

STATUS_MARKS = {"active": "good", "pending": "busy", "suspended": "busy", "lapsed": "bad", "surrendered": "bad"}
ROLES: dict[str, Words] = {
    "holder": _("Holder"),
    "insured": _("Insured"),
    "beneficiary": _("Beneficiary"),
    "payer": _("Payer"),
    "user": _("User"),
    "contact_person": _("Contact person"),
}
