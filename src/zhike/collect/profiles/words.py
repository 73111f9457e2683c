"""What the values of golden records and facts are called."""

from __future__ import annotations

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
# By the column that has them, whatever the table; others are shown as they are.
VALUES: dict[str, dict[str, Words]] = {
    "kind": KINDS,
    "gender": GENDERS,
    "marital_status": MARITAL_STATUSES,
    "id_type": DOCUMENTS,
    "current_status": STATUSES,
    "premium_period": PERIODS,
    "relation_to_holder": RELATIONS,
    "channel": CHANNELS,
}
