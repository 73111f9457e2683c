"""Addresses of e-mail: one spelling, and which belong to an office."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.collect.identity.normalising.conftest import Normalised

from zhike.collect.identity.normalising.emails import email_address, is_shared_mailbox

ADDRESSES = {
    "zhang.san@example.com": "zhang.san@example.com",
    " Zhang.San@Example.COM ": "zhang.san@example.com",
    "\u3000zhang@example.com\u00a0": "zhang@example.com",
    "ｚｈａｎｇ＠ｅｘａｍｐｌｅ．ｃｏｍ": "zhang@example.com",
    "mailto:a.b@example.cn": "a.b@example.cn",
    "MAILTO:a.b@example.cn?subject=Hi": "a.b@example.cn",
    "张三 <zhang@example.com>": "zhang@example.com",
    '"San, Zhang" <Zhang@example.com>': "zhang@example.com",
    "<zhang@example.com>": "zhang@example.com",
    "zhang@example.com.": "zhang@example.com",
    "zhang@example.com,": "zhang@example.com",
    "zhang@example.com；": "zhang@example.com",
    "12345678@qq.com": "12345678@qq.com",
    "a+tag@mail.example.co.uk": "a+tag@mail.example.co.uk",
    "o'neil@example.ie": "o'neil@example.ie",
    "zhang\u200b@example.com": "zhang@example.com",
    "客服@公司.中国": "客服@公司.中国",
    "a@xn--fiqs8s.xn--fiqs8s": "a@xn--fiqs8s.xn--fiqs8s",
    **dict.fromkeys(["无", "N/A", "-", "", " ", None, "zhang", "zhang@", "@example.com", "zhang@example", "a@@b.cn"]),
    **dict.fromkeys(["a@b@c.com", "a..b@example.com", ".a@example.com", "a.@example.com", "a b@example.com"]),
    **dict.fromkeys(
        ["a@-example.com", "a@example-.com", "a@example..com", "a@1.2.3.4", "a(b)@example.com", "13812345678"]
    ),
    f"{'a' * 64}@example.com": f"{'a' * 64}@example.com",
    f"{'a' * 65}@example.com": None,
    f"a@{'b.' * 126}com": None,
}


def test_an_address_has_one_spelling(normalised: Normalised) -> None:
    assert dict(zip(ADDRESSES, normalised(email_address, ADDRESSES), strict=True)) == ADDRESSES


def test_mailboxes_of_offices_are_told_from_those_of_people(normalised: Normalised) -> None:
    shared = [
        "info@a.com",
        "sales2@a.com",
        "service@a.cn",
        "noreply@a.com",
        "no-reply@a.com",
        "客服@a.com",
        "info+x@a.de",
    ]
    own = ["zhang.san@a.com", "information@a.com", "salesman@a.com", "li.info@a.com", "adminis@a.com", "12345@qq.com"]
    assert normalised(is_shared_mailbox, shared) == [True] * len(shared)
    assert normalised(is_shared_mailbox, own) == [False] * len(own)
    assert normalised(is_shared_mailbox, [None]) == [None]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.emails() | st.text("aA@.<> ,＠中\n", max_size=12), min_size=10, max_size=50))
def test_what_is_normalised_stays_as_it_is(normalised: Normalised, texts: list[str]) -> None:
    first = [None if text is None else str(text) for text in normalised(email_address, texts)]
    assert normalised(email_address, first) == first
    assert all(text is None or text.count("@") == 1 for text in first)
