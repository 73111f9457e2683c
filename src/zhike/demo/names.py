"""Names of people, put together from characters and names of general use."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from zhike.demo.draws import Draws, Flags, Ints
from zhike.demo.text import join, pick, take, texts, words

# Each entry: simplified character, traditional character, pinyin.
FAMILIES = words(
    "王王wang 李李li 张張zhang 刘劉liu 陈陳chen 杨楊yang 黄黃huang 赵趙zhao 吴吳wu 周周zhou 徐徐xu 孙孫sun "
    "马馬ma 朱朱zhu 胡胡hu 郭郭guo 何何he 林林lin 高高gao 罗羅luo 郑鄭zheng 梁梁liang 谢謝xie 宋宋song "
    "唐唐tang 许許xu 邓鄧deng 韩韓han 冯馮feng 曹曹cao 彭彭peng 曾曾zeng 田田tian 董董dong 潘潘pan "
    "袁袁yuan 蔡蔡cai 蒋蔣jiang 余余yu 杜杜du 叶葉ye 程程cheng 魏魏wei 苏蘇su 吕呂lv 丁丁ding 任任ren "
    "卢盧lu 姚姚yao 沈沈shen 姜姜jiang 崔崔cui 谭譚tan 陆陸lu 范范fan 汪汪wang 廖廖liao 石石shi 金金jin "
    "贾賈jia 夏夏xia 方方fang 邹鄒zou 熊熊xiong 白白bai 孟孟meng 秦秦qin 邱邱qiu 侯侯hou 江江jiang 薛薛xue "
    "段段duan 雷雷lei 龙龍long 黎黎li 陶陶tao 贺賀he 毛毛mao 顾顧gu 邵邵shao 万萬wan"
)
MALE = words(
    "伟偉wei 强強qiang 磊磊lei 军軍jun 勇勇yong 杰傑jie 涛濤tao 明明ming 超超chao 刚剛gang 平平ping "
    "辉輝hui 鹏鵬peng 华華hua 飞飛fei 鑫鑫xin 波波bo 斌斌bin 宇宇yu 浩浩hao 凯凱kai 健健jian 俊俊jun "
    "帆帆fan 旭旭xu 宁寧ning 林林lin 阳陽yang 建建jian 志志zhi 文文wen 国國guo 海海hai 东東dong 家家jia "
    "子子zi 天天tian 晨晨chen 博博bo 睿睿rui 轩軒xuan 泽澤ze 诚誠cheng"
)
FEMALE = words(
    "芳芳fang 娜娜na 敏敏min 静靜jing 丽麗li 艳豔yan 娟娟juan 霞霞xia 秀秀xiu 燕燕yan 玲玲ling 桂桂gui "
    "丹丹dan 萍萍ping 红紅hong 玉玉yu 雪雪xue 梅梅mei 琳琳lin 婷婷ting 慧慧hui 莉莉li 倩倩qian 洁潔jie "
    "颖穎ying 欣欣xin 怡怡yi 佳佳jia 蕾蕾lei 薇薇wei 晶晶jing 云雲yun 兰蘭lan 英英ying 珍珍zhen 淑淑shu "
    "美美mei 月月yue 诗詩shi 涵涵han 梦夢meng 琪琪qi 雨雨yu 萌萌meng"
)
ENGLISH_FAMILIES = words(
    "Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright Thompson Evans Walker White "
    "Roberts Green Hall Wood Jackson Clarke Harris Clark Turner Hill Cooper Morris Ward Moore King Watson "
    "Baker Harrison Morgan Young Allen Mitchell Anderson Phillips Lee Bell Parker Bennett Carter Collins "
    "Murphy Kelly Martin Hughes Adams Shaw"
)
ENGLISH_MALE = words(
    "James John Robert Michael William David Richard Joseph Thomas Charles Daniel Matthew Anthony Mark "
    "Steven Paul Andrew Kevin Brian George Edward Peter Henry Simon Oliver Samuel Adam Martin Alan Philip"
)
ENGLISH_FEMALE = words(
    "Mary Patricia Jennifer Linda Elizabeth Barbara Susan Jessica Sarah Karen Nancy Lisa Margaret Emily "
    "Laura Emma Helen Anna Rachel Alice Claire Sophie Julia Victoria Grace Hannah Lucy Catherine Diana "
    "Ruth"
)
# What a clerk writes who hears or misreads the right character.
CONFUSED = dict(zip("伟军杰明华鹏浩静丽艳娟燕玲芳敏怡洁", "威君捷名花朋皓靖莉燕涓雁伶方旻宜杰", strict=True))
CONFUSED |= dict(zip("偉軍傑華鵬靜麗豔潔", "威君捷花朋靖莉燕杰", strict=True))

SCRIPTS = ("simplified", "traditional", "latin")


def misspelt(name: str) -> str:
    """A likely slip: another character that sounds the same, or two letters exchanged."""
    if name.isascii():
        if len(name) < 4:
            return name + name[-1]
        middle = max(1, len(name) // 2 - 1)
        return name[:middle] + name[middle + 1] + name[middle] + name[middle + 2 :]
    return name[:-1] + CONFUSED.get(name[-1], "小")


def _scripts(entries: tuple[str, ...]) -> dict[str, list[str]]:
    return {
        "simplified": [entry[0] for entry in entries],
        "traditional": [entry[1] for entry in entries],
        "latin": [entry[2:].capitalize() for entry in entries],
    }


def _given(entries: tuple[str, ...], script: str) -> list[str]:
    one = _scripts(entries)[script]
    return one + [first + (second.lower() if script == "latin" else second) for first in one for second in one]


def _family_table(script: str) -> pa.Array:
    return texts([*_scripts(FAMILIES)[script], *ENGLISH_FAMILIES])


def _given_table(script: str) -> pa.Array:
    right = [*_given(MALE, script), *_given(FEMALE, script), *ENGLISH_MALE, *ENGLISH_FEMALE]
    return texts(right + [misspelt(name) for name in right])


FAMILY_TABLES = {script: _family_table(script) for script in SCRIPTS}
GIVEN_TABLES = {script: _given_table(script) for script in SCRIPTS}  # second half: the same names, misspelt
MISSPELT_FROM = len(GIVEN_TABLES["latin"]) // 2
# Places in the tables: first place and number of names for (English?, female?).
_MALE_COUNT, _FEMALE_COUNT = len(MALE) * (len(MALE) + 1), len(FEMALE) * (len(FEMALE) + 1)
_GIVEN_FROM = np.array(
    [[0, _MALE_COUNT], [_MALE_COUNT + _FEMALE_COUNT, _MALE_COUNT + _FEMALE_COUNT + len(ENGLISH_MALE)]]
)
_GIVEN_COUNT = np.array([[_MALE_COUNT, _FEMALE_COUNT], [len(ENGLISH_MALE), len(ENGLISH_FEMALE)]])


def draw_family_names(draws: Draws, keys: Ints, english: Flags) -> Ints:
    """Places in the table of family names; the first ones are the most frequent, as in life."""
    chinese = (draws.uniform("family", keys) ** 1.8 * len(FAMILIES)).astype(np.int64)
    foreign = len(FAMILIES) + draws.below("english family", keys, len(ENGLISH_FAMILIES))
    return np.where(english, foreign, chinese)


def draw_given_names(draws: Draws, keys: Ints, english: Flags, female: Flags) -> Ints:
    """Places in the table of given names, some names far more frequent than others."""
    chosen = (english.astype(int), female.astype(int))
    share = draws.uniform("given", keys) ** 1.3
    return np.asarray(_GIVEN_FROM[chosen] + (share * _GIVEN_COUNT[chosen]).astype(np.int64))


def family_names(places: Ints, script: str = "simplified") -> pa.Array:
    """Family names at these places of the table."""
    return take(FAMILY_TABLES[script], places)


def given_names(places: Ints, script: str = "simplified") -> pa.Array:
    """Given names at these places of the table; add `MISSPELT_FROM` for the misspelt one."""
    return take(GIVEN_TABLES[script], places)


def full_names(families: Ints, givens: Ints, english: Flags, script: str = "simplified") -> pa.Array:
    """Names in the customer's own order: family first in Chinese, last in English."""

    count = len(FAMILY_TABLES[script])
    both = pa.concat_arrays([FAMILY_TABLES[script], GIVEN_TABLES[script]])
    spaced = english | (script == "latin")
    first = take(both, np.where(english, givens + count, families))
    last = take(both, np.where(english, families, givens + count))
    return join(first, pick(["", " "], spaced.astype(np.int64)), last)
