"""Words that stand with a name and are no part of it, and those that are, though they look otherwise."""

from __future__ import annotations

# Behind a Chinese name, the longer before the shorter that ends alike.
HAN_TITLES = (
    *("先生", "女士", "小姐", "太太", "夫人", "同志", "同学", "老师", "教授", "副教授", "讲师", "博士", "院士"),
    *("医生", "医师", "大夫", "护士", "护士长", "药师", "律师", "法官", "会计", "会计师", "工程师", "师傅"),
    *("总经理", "副总经理", "副总", "经理", "副经理", "总监", "总裁", "副总裁", "董事长", "董事", "老板", "老板娘"),
    *("主任", "副主任", "主管", "主席", "局长", "副局长", "处长", "副处长", "科长", "部长", "院长", "校长", "行长"),
    *("厂长", "店长", "队长", "所长", "县长", "镇长", "市长", "书记", "秘书", "警官", "司令", "参谋"),
    *("阿姨", "叔叔", "大爷", "大妈", "大姐", "大哥", "奶奶", "爷爷", "妈妈", "爸爸", "家长", "小朋友"),
    *("客户", "顾客", "会员", "敬启", "收", "亲启"),
)
# Only behind a family name alone: 王总, but 刘三姐 is a name.
HAN_TITLES_OF_FAMILY = ("总", "董", "工", "哥", "姐", "叔", "婶", "嫂", "伯", "爷", "处", "局", "院", "导")
HAN_ADDRESSES = ("尊敬的", "亲爱的", "敬爱的", "致")

COMPOUND_FAMILY_NAMES = (
    *("爱新觉罗", "叶赫那拉", "钮祜禄", "瓜尔佳", "赫舍里", "乌拉那拉", "侯莫陈"),
    *("欧阳", "司马", "上官", "诸葛", "夏侯", "司徒", "司空", "皇甫", "尉迟", "公孙", "慕容", "令狐", "长孙", "宇文"),
    *("东方", "南宫", "西门", "独孤", "端木", "轩辕", "百里", "呼延", "东郭", "闻人", "澹台", "公冶", "宗政", "濮阳"),
    *("淳于", "单于", "太叔", "申屠", "仲孙", "钟离", "鲜于", "闾丘", "亓官", "司寇", "巫马", "公西", "颛孙", "壤驷"),
    *("公良", "漆雕", "乐正", "宰父", "谷梁", "拓跋", "夹谷", "段干", "公羊", "左丘", "梁丘", "赫连", "完颜", "耶律"),
    *("纳兰", "富察", "佟佳", "第五", "即墨", "达奚", "褚师", "微生", "羊舌", "南门", "东门", "万俟", "哥舒", "屈突"),
)

# Of one character, so common that behind a blank they are hardly a given name.
COMMON_FAMILY_NAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
FAMILY_NAMES = COMMON_FAMILY_NAMES + (
    "常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴"
    "霍涂成苗谷盛曲翁冉骆蓝路游辛靳欧管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑"
    "景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
    "官封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚花权强帅屠豆朴盖练廉禹井祖"
    "漆巴丰支卿国狄平计索宣晋相初门云容敬来扈晁芮都普阙浦戈伏鹿薄邸雍辜羊阿乌母裘亓修邰赫杭况那宿鲜印逯隆茹诺"
    "战慕危玉银亢嵇公哈湛宾戎勾茅利於呼居揭干但尉冶斯元束檀衣信展阴昝智幸奉植衡富尧闭由"
)

LATIN_TITLES = (
    *(
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "mister",
        "missus",
        "madam",
        "madame",
        "mme",
        "mlle",
        "monsieur",
        "herr",
        "frau",
    ),
    *("dr", "doctor", "prof", "professor", "sir", "dame", "lord", "lady", "rev", "reverend", "senor", "senora"),
)
LATIN_SUFFIXES = (
    *("jr", "sr", "junior", "senior", "ii", "iii", "iv", "2nd", "3rd", "esq", "phd", "ph\\.? ?d", "md", "m\\.d", "dds"),
    *("mba", "m\\.b\\.a", "cpa", "cfa", "llm", "ll\\.m", "msc", "bsc", "obe", "mbe", "cbe"),
)
PARTICLES = (
    *(
        "van",
        "von",
        "vom",
        "zu",
        "zur",
        "zum",
        "den",
        "der",
        "de",
        "del",
        "della",
        "dela",
        "di",
        "da",
        "do",
        "dos",
        "das",
    ),
    *(
        "du",
        "des",
        "la",
        "le",
        "las",
        "los",
        "bin",
        "binti",
        "bint",
        "ibn",
        "al",
        "el",
        "abu",
        "ben",
        "ter",
        "ten",
        "af",
    ),
    *("st", "san", "santa", "mac", "mc"),
)
# These open a family name even where nothing stands before; de, bin or ben may be somebody's given name.
OPENING_PARTICLES = ("van", "von", "vom", "zur", "zum", "der", "den", "del", "della", "dos", "das", "de la", "de los")
