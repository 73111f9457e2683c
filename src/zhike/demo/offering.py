"""The rule base of offers that the demo company begins with."""

from __future__ import annotations

from zhike.understand.offers.models import OfferRule
from zhike.understand.offers.services import OfferText, save_offer_rule

NOT_UPSET = 'not has tag "recent_complaint"'
RULES = (
    OfferText(
        "Cover for the children 少儿保障",
        f'(has tag "parent_of_minor" or has tag "interest_children") and {NOT_UPSET}',
        OfferRule.By.PRODUCT,
        ("HL03", "AN02", "SV02"),
        priority=1,
        reason="A child grows up here: medical cover first, then savings. 家有成长中的孩子：先医疗，后教育金。",
    ),
    OfferText(
        "Health check 深度体检",
        'has tag "digital_user" and has tag "holds_health" and age >= 30 and age <= 45',
        OfferRule.By.PRODUCT,
        ("SV01",),
        priority=2,
        reason="Those who responded to the last health campaign were like this. 与上次体检活动的响应者相似。",
    ),
    OfferText(
        "Health cover to go with accident cover 意外之外的健康保障",
        f'has tag "holds_accident" and not has tag "holds_health" and age < 60 and {NOT_UPSET}',
        OfferRule.By.PRODUCT,
        ("HL02", "HL01"),
        priority=3,
        reason="Covered for accidents, and not for illness. 有意外险，尚无健康险。",
    ),
    OfferText(
        "Income for retirement 养老规划",
        f'has tag "high_value" and age >= 45 and {NOT_UPSET}',
        OfferRule.By.LINE,
        ("annuity",),
        priority=4,
        reason="Of high value and past 45: time to plan for retirement. 高价值且年过45，正是规划养老之时。",
    ),
    OfferText(
        "Travel cover 旅行保障",
        'has tag "interest_travel"',
        OfferRule.By.PRODUCT,
        ("SV03",),
        priority=5,
        reason="Travels, and the card is for one journey only. 常出行，保障卡一次一用。",
        may_repeat=True,
    ),
    OfferText(
        "Something new to give 送礼新选择",
        'has tag "gift_giver"',
        OfferRule.By.CATEGORY,
        ("礼品 Gifts",),
        priority=8,
        reason="Likes to give gifts: one that they have not given yet. 喜欢送礼：推荐尚未送过的礼品。",
    ),
)


def write_rule_base() -> None:
    """Saves the rules, unless there are any already."""
    if OfferRule.objects.exists():
        return
    for rule in RULES:
        save_offer_rule(rule)
