"""Addresses of e-mail in one spelling."""

from __future__ import annotations

from ibis.expr.types import BooleanValue, StringValue

from zhike.collect.identity.normalising.text import HAN, INVISIBLE, SPACES, half_width

_LETTER = rf"[a-z0-9{HAN}À-ɏ!#$%&'*+/=?^_`{{|}}~\-]"
_LABEL = f"[a-z0-9{HAN}À-ɏ](?:[a-z0-9{HAN}À-ɏ\\-]*[a-z0-9{HAN}À-ɏ])?"
_ADDRESS = rf"^({_LETTER}+(?:\.{_LETTER}+)*@(?:{_LABEL}\.)+(?:[a-z][a-z0-9\-]*[a-z0-9]|[{HAN}]+))$"
_MOST_CHARACTERS, _MOST_BEFORE_AT = 254, 64  # RFC 5321, 4.5.3.1

_SHARED = (
    *("info", "sales", "service", "services", "support", "admin", "administrator", "office", "contact", "contacts"),
    *("hello", "hi", "enquiries", "enquiry", "inquiry", "help", "helpdesk", "hr", "jobs", "career", "careers", "job"),
    *("marketing", "press", "media", "pr", "billing", "accounts", "accounting", "finance", "invoice", "invoices"),
    *("noreply", "no-reply", "no_reply", "donotreply", "do-not-reply", "mailer-daemon", "postmaster", "webmaster"),
    *("hostmaster", "abuse", "root", "reception", "team", "mail", "email", "customerservice", "customer.service"),
    *("customercare", "care", "feedback", "newsletter", "news", "orders", "order", "shop", "store", "booking"),
    *("reservations", "legal", "privacy", "security", "test", "kefu", "xiaoshou", "shouhou", "caiwu", "renshi"),
    *(
        "zhaopin",
        "bangongshi",
        "market",
        "business",
        "cs",
        "客服",
        "销售",
        "服务",
        "售后",
        "财务",
        "人事",
        "招聘",
        "办公室",
    ),
)


def email_address(text: StringValue) -> StringValue:
    """The address in small letters, without a display name, `mailto:` and what stands behind; NULL where it is none."""
    folded = half_width(text).lower().re_replace(f"[{INVISIBLE}]", "")
    bare = folded.re_extract("<([^<>]*@[^<>]*)>", 1).nullif("").fill_null(folded)
    bare = bare.re_replace(f"^[{SPACES}\"'<(]*(?:mailto:)?[{SPACES}]*", "").re_replace(r"\?[a-z]+=.*$", "")
    found = bare.re_replace(f"[{SPACES}\"'>).,;，。；、]+$", "").re_extract(_ADDRESS, 1).nullif("")
    fits = (found.length() <= _MOST_CHARACTERS) & (found.find("@") <= _MOST_BEFORE_AT)
    return fits.ifelse(found, None)


def is_shared_mailbox(email: StringValue) -> BooleanValue:
    """Whether an address as of `email_address` is that of an office or a machine rather than a person: info@, 客服@."""
    return email.re_extract("^([^@+]*?)[0-9]*(?:[+][^@]*)?@", 1).isin(_SHARED)
