"""What planners of the demo company have written: the rule base of offers, and a scenario of its orders."""

from __future__ import annotations

from zhike.understand.offers.models import OfferRule
from zhike.understand.offers.services import OfferText, save_offer_rule
from zhike.understand.what_if.filling import NoOrders, scenario_of_data
from zhike.understand.what_if.models import SavedScenario
from zhike.understand.what_if.reading import scenario_from_data
from zhike.understand.what_if.services import save_scenario
from zhike.understand.what_if.writing import document_of

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
        "Health beside accident 健康补位",
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


ASSUMPTIONS = {
    "Costs 成本": {
        "note": "Goods, what it costs to win a buyer, and to write to one. 商品、获客与触达的成本。",
        "inputs": {"cost_share": 0.6, "acquisition_cost": 45, "marketing_cost": 12},
    },
    "Cost of money 资金成本": {
        "note": "8%, and 1.5 for risk. 利率8%，风险系数1.5。",
        "inputs": {"interest": 0.08, "risk": 1.5},
    },
}
STRATEGIES = {
    "Referral 老客带新": {
        "note": "25 for whoever brings a new buyer; one in twenty does. 每带来一位新买家奖励25元，二十人中有一人做到。",
        "set": {"referral": 0.05, "referral_incentive": 25},
        "cost": {"fixed": [8_000, 3_000, 3_000]},
    },
    "Birthday club 生日俱乐部": {
        "note": "A greeting and a small gift; one order more of every ten. 生日问候与小礼，每十位客户多下一单。",
        "add": {"orders": 0.1},
        "cost": {"per_customer": 6},
    },
}


def save_plan() -> None:
    """Saves a scenario of the firm's own orders with two strategies, unless there is any already."""
    if SavedScenario.objects.exists():
        return
    try:
        document = document_of(scenario_of_data(basis="orders"))
    except NoOrders:
        return
    told = {name for one in ASSUMPTIONS.values() for name in one["inputs"]}
    guessed = {name: it for one in document["assumptions"].values() for name, it in one["inputs"].items()}
    untold = {name: value for name, value in guessed.items() if name not in told}  # of too few customers
    plan = {
        **document,
        "name": "Buyers of a year 年度买家",
        "note": "Filled from the orders of a year; the costs are assumed. 取自一年的订单，成本为假设。",
        "assumptions": ASSUMPTIONS | ({"Guessed 估计": {"inputs": untold}} if untold else {}),
        "strategies": STRATEGIES,
    }
    save_scenario(scenario_from_data(plan, where="demo"))
