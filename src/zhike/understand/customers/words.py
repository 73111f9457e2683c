"""The words that pages use for what is known of customers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from zhike.ui.navigation import Words

KINDS: dict[str, Words] = {"person": _("Person"), "organisation": _("Organisation")}
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
FIELD_VALUES: dict[str, dict[str, Words]] = {
    "id_type": {
        "resident_id": _("identity card"),
        "passport": _("passport"),
        "credit_code": _("credit code"),
    },
    "gender": {"female": _("female"), "male": _("male"), "other": _("other")},
    "marital_status": {
        "single": _("single"),
        "married": _("married"),
        "divorced": _("divorced"),
        "widowed": _("widowed"),
    },
}
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

STATUSES: dict[str, Words] = {
    "pending": _("yet to begin"),
    "active": _("in force"),
    "suspended": _("suspended"),
    "lapsed": _("lapsed"),
    "surrendered": _("surrendered"),
    "cancelled": _("cancelled"),
    "matured": _("matured"),
    "claimed": _("claimed"),
}
STATUS_MARKS = {"active": "good", "pending": "busy", "suspended": "busy", "lapsed": "bad", "surrendered": "bad"}
PERIODS: dict[str, Words] = {
    "single": _("once"),
    "weekly": _("a week"),
    "monthly": _("a month"),
    "quarterly": _("a quarter"),
    "half_yearly": _("half-yearly"),
    "yearly": _("a year"),
}
ROLES: dict[str, Words] = {
    "holder": _("Holder"),
    "insured": _("Insured"),
    "beneficiary": _("Beneficiary"),
    "payer": _("Payer"),
    "user": _("User"),
    "contact_person": _("Contact person"),
}
RELATIONS: dict[str, Words] = {
    "self": _("self"),
    "spouse": _("spouse"),
    "child": _("child"),
    "parent": _("parent"),
    "employee": _("employee"),
    "contact": _("contact"),
}
CHANNELS: dict[str, Words] = {
    "agent": _("agent"),
    "own_agents": _("own agents"),
    "android": _("Android"),
    "app": _("app"),
    "bank": _("bank"),
    "call": _("telephone"),
    "chat": _("chat"),
    "counter": _("counter"),
    "direct": _("direct sale"),
    "email": _("e-mail"),
    "group": _("group"),
    "hotline": _("hotline"),
    "ios": _("iOS"),
    "mini-programme": _("mini programme"),
    "phone": _("telephone"),
    "post": _("post"),
    "shop": _("shop"),
    "sms": _("text message"),
    "visit": _("visit"),
    "web": _("web"),
    "wechat": _("WeChat"),
}
