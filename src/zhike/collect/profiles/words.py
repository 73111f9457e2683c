"""What the values of golden records and facts are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext_lazy as _

from zhike.ui.navigation import Words

KINDS: dict[str, Words] = {"person": _("Person"), "organisation": _("Organisation")}
GENDERS: dict[str, Words] = {"female": _("female"), "male": _("male"), "other": _("other")}
MARITAL_STATUSES: dict[str, Words] = {
    "single": _("single"),
    "married": _("married"),
    "divorced": _("divorced"),
    "widowed": _("widowed"),
}
DOCUMENTS: dict[str, Words] = {
    "resident_id": _("identity card"),
    "passport": _("passport"),
    "credit_code": _("credit code"),
}
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
PERIODS: dict[str, Words] = {
    "single": _("once"),
    "weekly": _("a week"),
    "monthly": _("a month"),
    "quarterly": _("a quarter"),
    "half_yearly": _("half-yearly"),
    "yearly": _("a year"),
}
RELATIONS: dict[str, Words] = {
    "self": _("self"),
    "spouse": _("spouse"),
    "child": _("child"),
    "parent": _("parent"),
    "employee": _("employee"),
    "contact": _("contact"),
}
# What another is to a customer.
RELATION_KINDS: dict[str, Words] = {
    "member": _("member"),
    "organisation": _("organisation they belong to"),
    "household": _("same household"),
    "spouse": _("spouse"),
    "parent": _("parent"),
    "child": _("child"),
    "relative": _("relative"),
    "referrer": _("referred them"),
    "referred": _("referred by them"),
    "supplier": _("upstream firm"),
    "buyer": _("downstream firm"),
    "branch": _("branch"),
    "parent_firm": _("parent firm"),
    "other": _("other relation"),
    "holder": _("holder of a contract"),
    "insured": _("insured of a contract"),
    "beneficiary": _("beneficiary of a contract"),
    "payer": _("payer of a contract"),
    "user": _("user of a contract"),
    "contact_person": _("contact person of a contract"),
}
LAYERS: dict[str, Words] = {"decision": _("decision"), "management": _("management"), "operating": _("operating")}
FUNCTIONS: dict[str, Words] = {"user": _("uses it"), "technical": _("technical"), "finance": _("finance")}
RELATION_ORIGINS: dict[str, Words] = {
    "import": _("from a file"),
    "staff": _("entered by staff"),
    "contract": _("from a contract"),
    "employer": _("by the employer they name"),
    "referral": _("by who referred them"),
    "home": _("one home"),
}
# What a note is about; of a person these are personal, and sensitive unless said otherwise.
PERSONAL_NOTES: dict[str, Words] = {
    "family": _("Family"),
    "home_town": _("Home town"),
    "school": _("School"),
    "sports": _("Sports"),
    "food": _("Food"),
    "books": _("Books"),
    "last_holiday": _("Last holiday"),
    "next_holiday": _("Next holiday"),
    "goals": _("Goals"),
}
ORGANISATION_NOTES: dict[str, Words] = {"competitor": _("Competitors present"), "buying_plan": _("Buying plans")}
CHANNELS: dict[str, Words] = {
    "agent": _("agent"),
    "own_agents": _("own agents"),
    "android": _("Android"),
    "app": _("app"),
    "bank": _("bank"),
    "broker": _("broker"),
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

# What sources call the usual ones; a firm's own are shown as they are.
LINES: dict[str, Words] = {
    "accident": _("accident"),
    "annuity": _("annuity"),
    "group": _("group"),
    "health": _("health"),
    "life": _("life"),
    "savings": _("savings"),
    "service": _("service"),
    "shop": _("shop goods"),
}


def line_in_words(line: str) -> str:
    """A line of business as people see it."""
    return str(LINES.get(line, line))


def said(words: Mapping[str, Words], values: Iterable[str]) -> str:
    """Values as people see them, one after the other."""
    return ", ".join(str(words.get(value, value)) for value in values)


# By the column that has them, whatever the table; others are shown as they are.
VALUES: dict[str, dict[str, Words]] = {
    "kind": KINDS,
    "gender": GENDERS,
    "marital_status": MARITAL_STATUSES,
    "id_type": DOCUMENTS,
    "current_status": STATUSES,
    "premium_period": PERIODS,
    "relation_to_holder": RELATIONS,
    "layer": LAYERS,
    "function": FUNCTIONS,
    "channel": CHANNELS,
    "line_of_business": LINES,
}
