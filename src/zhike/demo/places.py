"""Cities, streets and postal addresses, in Chinese and in English order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zhike.demo.draws import Draws, Flags, Ints
from zhike.demo.text import join, number, pick, texts, words


@dataclass(frozen=True)
class City:
    """A city with its province, both in both languages, and its code prefixes."""

    province: str
    name: str
    traditional: str
    english: str
    english_province: str
    code: int  # first two digits of resident identity numbers
    area: str  # telephone
    postal: int  # first two digits of postal codes


CITIES = (
    City("上海市", "上海市", "上海市", "Shanghai", "Shanghai", 31, "021", 20),
    City("北京市", "北京市", "北京市", "Beijing", "Beijing", 11, "010", 10),
    City("广东省", "广州市", "廣州市", "Guangzhou", "Guangdong", 44, "020", 51),
    City("浙江省", "杭州市", "杭州市", "Hangzhou", "Zhejiang", 33, "0571", 31),
    City("江苏省", "南京市", "南京市", "Nanjing", "Jiangsu", 32, "025", 21),
    City("四川省", "成都市", "成都市", "Chengdu", "Sichuan", 51, "028", 61),
    City("湖北省", "武汉市", "武漢市", "Wuhan", "Hubei", 42, "027", 43),
    City("陕西省", "西安市", "西安市", "Xi'an", "Shaanxi", 61, "029", 71),
    City("山东省", "济南市", "濟南市", "Jinan", "Shandong", 37, "0531", 25),
    City("福建省", "厦门市", "廈門市", "Xiamen", "Fujian", 35, "0592", 36),
    City("湖南省", "长沙市", "長沙市", "Changsha", "Hunan", 43, "0731", 41),
    City("河南省", "郑州市", "鄭州市", "Zhengzhou", "Henan", 41, "0371", 45),
    City("辽宁省", "沈阳市", "瀋陽市", "Shenyang", "Liaoning", 21, "024", 11),
    City("天津市", "天津市", "天津市", "Tianjin", "Tianjin", 12, "022", 30),
    City("重庆市", "重庆市", "重慶市", "Chongqing", "Chongqing", 50, "023", 40),
    City("安徽省", "合肥市", "合肥市", "Hefei", "Anhui", 34, "0551", 23),
    City("云南省", "昆明市", "昆明市", "Kunming", "Yunnan", 53, "0871", 65),
    City("河北省", "石家庄市", "石家莊市", "Shijiazhuang", "Hebei", 13, "0311", 5),
    City("江西省", "南昌市", "南昌市", "Nanchang", "Jiangxi", 36, "0791", 33),
    City("黑龙江省", "哈尔滨市", "哈爾濱市", "Harbin", "Heilongjiang", 23, "0451", 15),
    City("吉林省", "长春市", "長春市", "Changchun", "Jilin", 22, "0431", 13),
    City("贵州省", "贵阳市", "貴陽市", "Guiyang", "Guizhou", 52, "0851", 55),
    City("广西", "南宁市", "南寧市", "Nanning", "Guangxi", 45, "0771", 53),
    City("海南省", "海口市", "海口市", "Haikou", "Hainan", 46, "0898", 57),
)
DISTRICTS = ("城东区", "城西区", "江南区", "高新区", "滨湖区", "新城区", "北山区", "临江区")
ENGLISH_DISTRICTS = ("Chengdong", "Chengxi", "Jiangnan", "Gaoxin", "Binhu", "Xincheng", "Beishan", "Linjiang")
STREETS = words(
    "和平路 人民路 建设路 解放街 中山路 长江路 黄河路 文化街 学府路 友谊路 光明街 青年路 迎宾大道 "
    "滨河路 花园街 公园路 新华路 工业大道 南湖路 东风街 幸福路 朝阳街 胜利路 锦绣路 翠竹街 梧桐路 "
    "银杏街 桂花路"
)
ENGLISH_STREETS = words(
    "Heping Renmin Jianshe Jiefang Zhongshan Changjiang Huanghe Wenhua Xuefu Youyi Guangming Qingnian "
    "Yingbin Binhe Huayuan Gongyuan Xinhua Gongye Nanhu Dongfeng Xingfu Chaoyang Shengli Jinxiu Cuizhu "
    "Wutong Yinxing Guihua"
)

CODES = np.array([city.code for city in CITIES])
POSTALS = np.array([city.postal for city in CITIES])


@dataclass(frozen=True)
class Homes:
    """Where people live: one entry per person, equal within a household."""

    city: Ints
    district: Ints
    street: Ints
    house: Ints
    building: Ints
    room: Ints
    english: Flags


def draw_homes(draws: Draws, keys: Ints, city: Ints, english: Flags) -> Homes:
    """The home that belongs to each key; the same key gives the same home."""
    return Homes(
        city=city,
        district=draws.below("district", keys, len(DISTRICTS)),
        street=draws.below("street", keys, len(STREETS)),
        house=1 + draws.below("house", keys, 880),
        building=1 + draws.below("building", keys, 28),
        room=101 + 100 * draws.below("floor", keys, 28) + draws.below("room", keys, 6),
        english=english,
    )


def cities(homes: Homes, what: str) -> pa.Array:
    """An attribute of the home's city: `province`, `name` (English for English homes) or `traditional`."""
    english = {"province": "english_province", "name": "english"}.get(what, what)
    table = texts([getattr(city, what) for city in CITIES] + [getattr(city, english) for city in CITIES])
    return table.take(pa.array(homes.city + len(CITIES) * homes.english))


def districts(homes: Homes) -> pa.Array:
    """The district, in the home's language."""
    return pick(DISTRICTS + ENGLISH_DISTRICTS, homes.district + len(DISTRICTS) * homes.english)


def postal_codes(homes: Homes) -> pa.Array:
    """Six digits, the first two of which belong to the city."""
    inside = POSTALS[homes.city] * 10_000 + homes.district * 100 + homes.street
    return pc.utf8_lpad(number(inside), 6, "0")


def street_addresses(homes: Homes) -> pa.Array:
    """Street, house, building and room: largest first in Chinese, smallest first in English."""
    language = homes.english.astype(np.int64)
    street = homes.street + len(STREETS) * homes.english
    return join(
        pick(STREETS + ("",) * len(STREETS), street),
        pick(("", "Room "), language),
        number(np.where(homes.english, homes.room, homes.house)),
        pick(("号", ", Building "), language),
        number(homes.building),
        pick(("栋", ", No. "), language),
        number(np.where(homes.english, homes.house, homes.room)),
        pick(("室", ""), language),
        pick(("",) * len(STREETS) + tuple(f" {name} Road" for name in ENGLISH_STREETS), street),
    )


def whole_addresses(homes: Homes, streets: pa.Array) -> pa.Array:
    """The address in one line, in the order of its language."""
    chinese = join(cities(homes, "province"), cities(homes, "name"), districts(homes), streets)
    english = join(streets, districts(homes), cities(homes, "name"), between=", ")
    return pc.if_else(pa.array(homes.english), english, chinese)
