"""What the company sells: insurance, services and the goods of its shop, named in both languages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from zhike.demo.draws import Flags, Ints
from zhike.demo.text import pick

OPEN_ENDED = 0


@dataclass(frozen=True)
class Insurance:
    """An insurance product; `years` is its term (0: open-ended), `premium` the usual yearly one in yuan."""

    code: str
    chinese: str
    english: str
    line: str
    years: int
    premium: int
    cover: int  # sum insured, in multiples of the premium
    weights: tuple[float, float, float] = (0, 0, 0)  # popularity below 30, to 50, above
    is_single: bool = False  # paid once
    renews: bool = False  # a term of one year that is renewed
    insures: str = "self"  # who is usually insured


PRODUCTS = (
    Insurance("HL01", "康护重疾保险", "CareGuard Critical Illness", "health", 20, 6_800, 40, (3, 5, 2)),
    Insurance("HL02", "安心百万医疗保险", "Peace Medical", "health", 1, 900, 1_000, (5, 4, 3), renews=True),
    Insurance(
        "HL03",
        "少儿守护医疗保险",
        "Junior Medical",
        "health",
        1,
        600,
        800,
        (0.2, 3, 0.2),
        renews=True,
        insures="child",
    ),
    Insurance("LF01", "顺安定期寿险", "SafePath Term Life", "life", 20, 2_400, 200, (2, 3, 1)),
    Insurance("LF02", "传家终身寿险", "Legacy Whole Life", "life", OPEN_ENDED, 9_600, 30, (0.5, 2, 3)),
    Insurance("AN01", "福享养老年金", "Golden Years Annuity", "annuity", 15, 12_000, 12, (0.3, 1.5, 4)),
    Insurance(
        "AN02",
        "启航教育年金",
        "Set Sail Education Savings",
        "savings",
        12,
        8_000,
        10,
        (0.3, 2, 0.2),
        insures="child",
    ),
    Insurance("AC01", "全家综合意外险", "Family Accident", "accident", 1, 360, 1_500, (4, 3, 3), renews=True),
    Insurance(
        "AC02",
        "乐行交通意外险",
        "Traveller Accident",
        "accident",
        1,
        180,
        3_000,
        (3, 2, 1),
        renews=True,
        insures="spouse",
    ),
)
BANK_PRODUCTS = (
    Insurance("BK01", "鑫满堂两全保险", "Full House Endowment", "savings", 5, 60_000, 1, (2, 3, 4), is_single=True),
    Insurance("BK02", "稳盈年金保险", "Steady Gain Annuity", "annuity", 10, 20_000, 8, (1, 3, 3)),
    Insurance("BK03", "聚富万能保险", "Gathering Universal Life", "life", OPEN_ENDED, 30_000, 3, (1, 2, 2)),
)
GROUP_PRODUCTS = (
    Insurance("GR01", "团体补充医疗保险", "Group Medical", "group", 1, 180_000, 100, (2, 2, 2), renews=True),
    Insurance("GR02", "团体意外伤害保险", "Group Accident", "group", 1, 60_000, 400, (1, 1, 1), renews=True),
)


@dataclass(frozen=True)
class Service:
    """Something sold once, besides insurance."""

    code: str
    chinese: str
    english: str
    price: int


SERVICES = (
    Service("SV01", "深度体检套餐", "Thorough Health Check", 1_280),
    Service("SV02", "少儿成长规划咨询", "Child Development Plan", 680),
    Service("SV03", "境外旅行保障卡", "Travel Cover Card", 198),
    Service("SV04", "道路救援年卡", "Roadside Assistance Year", 168),
    Service("SV05", "居家护理券", "Home Nursing Voucher", 298),
)

# The shop: categories and their goods from the cheapest to the dearest, with list prices in yuan.
GOODS: dict[str, tuple[tuple[str, str, int], ...]] = {
    "保健食品 Health food": (
        ("枸杞礼盒", "Goji gift box", 39),
        ("燕麦片组合", "Oatmeal set", 59),
        ("维生素C", "Vitamin C", 79),
        ("蛋白粉", "Protein powder", 139),
        ("鱼油软胶囊", "Fish oil capsules", 189),
        ("人参礼盒", "Ginseng gift box", 399),
    ),
    "健康器械 Health devices": (
        ("电子体温计", "Thermometer", 29),
        ("体脂秤", "Body scale", 99),
        ("血压计", "Blood pressure monitor", 199),
        ("血糖仪", "Glucose meter", 259),
        ("颈椎按摩仪", "Neck massager", 329),
        ("制氧机", "Oxygen concentrator", 1_899),
    ),
    "母婴儿童 Mother and child": (
        ("儿童绘本", "Picture book", 25),
        ("益智积木", "Building blocks", 69),
        ("儿童水杯", "Children's bottle", 89),
        ("安全座椅垫", "Seat cushion", 149),
        ("学习台灯", "Study lamp", 199),
        ("儿童安全座椅", "Child car seat", 899),
    ),
    "礼品 Gifts": (
        ("贺卡套装", "Greeting cards", 19),
        ("茶叶小罐", "Small tea tin", 68),
        ("真丝方巾", "Silk scarf", 128),
        ("紫砂茶具", "Clay tea set", 238),
        ("钢笔礼盒", "Fountain pen set", 298),
        ("银质纪念章", "Silver medal", 688),
    ),
    "运动户外 Sports": (
        ("瑜伽垫", "Yoga mat", 49),
        ("跳绳", "Skipping rope", 59),
        ("运动水壶", "Sports bottle", 79),
        ("跑步腰包", "Running belt", 109),
        ("登山杖", "Trekking poles", 169),
        ("运动手表", "Sports watch", 699),
    ),
}
CATEGORIES = tuple(GOODS)
# Popularity of the categories below 30, to 50 and above.
CATEGORY_WEIGHTS = ((1, 1, 1, 3, 4), (2, 1.5, 4, 2, 2), (4, 4, 0.7, 2, 1))
PRICES = np.array([[price for _, _, price in goods] for goods in GOODS.values()])
GOODS_PER_CATEGORY = PRICES.shape[1]
GOODS_CODES = tuple(
    f"{10 + category}{place:02}" for category in range(len(GOODS)) for place in range(GOODS_PER_CATEGORY)
)
GOODS_NAMES = tuple(chinese for goods in GOODS.values() for chinese, _, _ in goods)


def names_of(products: tuple[Insurance, ...] | tuple[Service, ...], places: Ints, english: Flags) -> pa.Array:
    """Names of products in the language of the customer."""
    both = [product.chinese for product in products] + [product.english for product in products]
    return pick(both, places + len(products) * english)


def product_rows() -> dict[str, list[str]]:
    """Insurance and services as the policy system lists them."""
    insurances = PRODUCTS + BANK_PRODUCTS + GROUP_PRODUCTS
    rows = [(p.code, f"{p.chinese} {p.english}", p.line, str(p.premium), "") for p in insurances]
    rows += [(s.code, f"{s.chinese} {s.english}", "service", str(s.price), str(s.price * 6 // 10)) for s in SERVICES]
    headers = ("PROD_CODE", "PROD_NAME", "LOB", "PRICE", "COST")
    return {header: [row[place] for row in rows] for place, header in enumerate(headers)}


def goods_rows() -> dict[str, list[str]]:
    """The goods of the shop as it lists them."""
    goods = [(category, *item) for category, items in GOODS.items() for item in items]
    return {
        "sku": list(GOODS_CODES),
        "title": [f"{chinese} {english}" for _, chinese, english, _ in goods],
        "category": [category for category, *_ in goods],
        "list_price": [f"{price}.00" for *_, price in goods],
        "cost": [f"{price * 0.55:.2f}" for *_, price in goods],
    }
