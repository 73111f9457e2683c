"""What names and values of columns tell: what files call things, and what the things look like."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

from zhike.collect.sources.detection import SYNONYMS
from zhike.warehouse.entity_parts import PERSON


def folded(name: str) -> str:
    """A name of a column in small letters and digits, without accents."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))
    return re.sub(r"[\W_]+", "", plain.replace("ß", "ss")).lower()


# What linking can make use of, beyond the columns of people's records: an address that comes in parts.
PARTS_OF_ADDRESS = ("number", "street", "place", "unit")
OF_PERSON = (
    *("name", "family_name", "given_name", "gender", "born_on", "id_number", "phone", "phone_2", "email"),
    *("address", "district", "city", "province", "postal_code"),
)
ROLES = (*OF_PERSON, *PARTS_OF_ADDRESS)
assert {column.name for column in PERSON} >= set(OF_PERSON)
TELLING = ("name", "family_name", "id_number")  # one of them at least tells one customer from another

# What files call things besides what sources do (`detection`), folded to letters and digits. The first found wins.
FURTHER: Mapping[str, tuple[str, ...]] = {
    "name": ("fullname", "personname", "patientname", "name1", "客户名称", "客戶名稱", "客戶姓名"),
    "family_name": (
        *("surname", "last", "lname", "lastnm", "familyname", "secondname", "姓氏"),
        *(
            "nom",
            "nomdefamille",
            "nachname",
            "familienname",
            "zuname",
            "cognome",
            "apellido",
            "apellidos",
            "achternaam",
        ),
    ),
    "given_name": (
        *("fname", "first", "firstnm", "given", "givenname", "givennames", "forenames", "christianname", "名字"),
        *("prenom", "vorname", "vornamen", "nombre", "nombres", "voornaam"),
    ),
    "gender": ("sexcode", "性別", "geschlecht", "sexe", "sexo", "sesso"),
    "born_on": (
        *("born", "birth", "bday", "birthdt", "dateborn", "出生", "出生年月", "出生年月日"),
        *("geb", "gebdat", "gebdatum", "gebam", "geburtsdatum", "geburtstag", "geborenam"),
        *("naissance", "datenaissance", "datedenaissance", "fechanacimiento", "fechadenacimiento", "datadinascita"),
    ),
    "id_number": (
        *("socsecid", "ssn", "socialsecuritynumber", "nationalidnumber", "passport", "passportno", "idcardno"),
        *("taxid", "nino", "identitynumber", "身份证号码", "证件号", "护照号", "身分證字號"),
    ),
    "phone": (
        *("phonenumber", "phoneno", "mobileno", "mobilenumber", "cellphone", "contactnumber"),
        *("手机号码", "联系方式", "電話", "手機", "telefon", "handy", "telefono", "telephone", "portable", "movil"),
    ),
    "phone_2": ("otherphone", "landline", "telephone2", "tel2", "固定电话", "备用电话"),
    "email": ("emailid", "e", "电邮", "電子郵件", "courriel", "correo", "correoelectronico"),
    "address": (
        *("fulladdress", "addr", "postaladdress", "homeaddress", "mailingaddress"),
        *("住址", "家庭地址", "通讯地址", "adresse", "anschrift", "direccion", "indirizzo"),
    ),
    "street": ("address1", "addressline1", "addr1", "street1", "road", "streetname", "街道地址", "strasse", "rue"),
    "place": ("address2", "addressline2", "addr2", "street2", "building", "locality", "estate", "小区"),
    "number": ("streetnumber", "streetno", "housenumber", "houseno", "number", "门牌号", "hausnummer"),
    "unit": ("flat", "apartment", "apt", "unitnumber", "suite", "房号"),
    "district": ("county", "area", "区县", "区"),
    "city": ("locality", "municipality", "suburb", "所在城市", "ort", "stadt", "ville", "ciudad"),
    "postal_code": ("postal", "pcode", "zip5", "邮政编码", "plz", "postleitzahl", "codepostal", "codigopostal"),
    "province": ("stateabbr", "st", "provincename"),
}
# The firm itself where a file is of firms, and the employer where it is of people.
OF_FIRM = frozenset(
    (
        *SYNONYMS["employer"],
        *("companyname", "organisationname", "organizationname", "firm", "firmname", "business", "businessname"),
        *("legalname", "tradingname", "enterprise", "corporation", "firma", "firmenname", "unternehmen", "societe"),
        *("raisonsociale", "entreprise", "empresa", "razonsocial", "azienda", "ragionesociale"),
        *("公司名称", "企业", "企业名称", "单位名称", "公司名", "企业名", "公司名稱", "企業名稱", "單位名稱"),
    )
)
# Of firms alone: beside the name of a person, it is the employer's.
OF_REGISTER = frozenset(
    (
        *("统一社会信用代码", "社会信用代码", "信用代码", "统一信用代码", "統一社會信用代碼", "统一编号", "統一編號"),
        *("creditcode", "socialcreditcode", "unifiedsocialcreditcode", "uscc", "usci", "uscno"),
    )
)

# What a name of a column lets hope for, which its values have to bear out as `HOPED` says.
HINTS = {
    "born_on": re.compile(r"birth|born|dob$|bday|^geb|naiss|nacim|nascit|nascim|出生|生日"),
    "phone": re.compile(
        r"phone|mobil|cell|handy|^tel|telefon|whatsapp|(?<!ho)(?<!mo)tel$|contact$|电话|電話|手机|手機|联系方式"
    ),
    "name": re.compile(
        r"name$|^(who|wer|qui|person|patient|member|guest|tenant|user|contact|contactperson|customer|client|kunde|"
        r"klant|cliente|kontakt|ansprechpartner)$|联系人|聯絡人|姓名|^(客户|客戶|会员)$"
    ),
}
# What is somebody else's than the record's.
_SOMEBODY_ELSE = re.compile(
    r"agent|manager|sales|staff|employee|employer|doctor|spouse|parent|mother|father|guardian|emergency|referr|fax|"
    r"bank|vendor|supplier|insurer|carrier|school|法人|法定|经办|业务员|销售|经理|负责人|代理|顾问|配偶|父|母|监护|紧急|"
    r"推荐|介绍|传真|雇主|工作|就职|任职|开户|供应商|学校"
)
# What is something else than it could be taken for.
_SOMETHING_ELSE = {
    "phone": re.compile(
        r".(id|no|nr|num|number|code|key|ref|号|号码|编码|代码|编号)$|amount|total|price|sum|balance|qty|quantity|count|"
        r"zip|postcode|plz|order|invoice|account|金额|总额|价|数量|余额|积分|邮编|编号|订单|流水|序号"
    ),
    "born_on": re.compile(
        r".(at|on)$|date|time|datum|^(first|last)|join|hire|since|regist|signup|enrol|日期|时间|日$|注册|成立|入职|入会|开户"
    ),
    "name": re.compile(
        r"product|item|article|brand|city|town|country|state|street|road|status|category|segment|type|level|plan|shop|"
        r"store|project|campaign|group|file|产品|商品|品名|品牌|门店|项目|活动|城市|国家|省|市|区|县|街|路|状态|类|等级|"
        r"级别|职|部门|学历|民族|籍贯|婚|渠道|备注"
    ),
}
_EITHER = {"customer", "client"}  # as often a name as a number
_OF_OTHER_COLUMNS = {
    folded(name)
    for column, names in SYNONYMS.items()
    if column not in (*OF_PERSON, "employer")
    for name in (column, *names)
} - _EITHER


def may_be(role: str, name: str) -> bool:
    """Whether a column called so, folded, may be what its values look like."""
    if _SOMEBODY_ELSE.search(name):
        return False
    other = _SOMETHING_ELSE.get(role)
    return other is None or not (name in _OF_OTHER_COLUMNS or other.search(name))


def may_hold(role: str, name: str) -> bool:
    """Whether the name of a column, folded, hints at this."""
    is_other = role == "name" and _SOMETHING_ELSE[role].search(name)
    return bool(HINTS[role].search(name)) and not is_other and not _SOMEBODY_ELSE.search(name)


def _whole(pattern: str, *, any_case: bool = True) -> Callable[[str], bool]:
    compiled = re.compile(pattern, re.IGNORECASE if any_case else 0)
    return lambda value: compiled.fullmatch(value) is not None


_FAMILY_NAMES = (
    "王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何林罗羅高郑鄭梁谢謝宋唐许許韩韓邓鄧冯馮曹彭曾肖蕭萧田董潘袁蔡"
    "蒋蔣余于杜叶葉程魏苏蘇吕呂丁任卢盧姚沈钟鍾姜崔谭譚陆陸范汪廖石金韦韋贾賈夏付傅方邹鄒熊白孟秦邱侯江尹薛闫阎雷段史"
    "龙龍陶贺賀顾顧毛郝龚龔邵万萬覃武钱錢戴严嚴莫孔向常汤湯康易乔喬赖賴文欧歐司诸諸上官温溫庄莊柯俞施洪倪"
)
_TO_31, _TO_12, _YEAR, _APART = "(?:0?[1-9]|[12][0-9]|3[01])", "(?:0?[1-9]|1[0-2])", r"(?:18|19|20)\d\d", "[-/., ]{1,2}"
_DAY_AND_MONTH = f"(?:{_TO_31}{_APART}{_TO_12}|{_TO_12}{_APART}{_TO_31})"
_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DAY = (
    rf"{_YEAR}\D?{_TO_12}\D?{_TO_31}\D?|{_DAY_AND_MONTH}{_APART}{_YEAR}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?[-/., ]*(?:of )?{_MONTH}[-/., ]*{_YEAR}"
    rf"|{_MONTH}[-/., ]*\d{{1,2}}(?:st|nd|rd|th)?{_APART}{_YEAR}"
)
_DAY_OF_CENTURY = rf"{_DAY_AND_MONTH}[-/. ]\d\d|\d\d[-/.年]{_TO_12}[-/.月]{_TO_31}日?"
_TIME = r"(?:[ T][\d:.]+Z?(?: ?[AP]M)?)?"
_DIGIT = r"(?:[\s().\-/]*\d)"
_LATIN_WORD = r"[A-ZÀ-ÖØ-ÞĀ-Ž][A-Za-zÀ-ž'’.\-]*"
_LATIN_WORDS = rf"{_LATIN_WORD}(?: {_LATIN_WORD})?"
_PARTICLES = "(?:(?:van|von|der|den|de|da|di|la|del|dos|bin|al|el) )*"
_LATIN_FORMS = (
    "ltd|limited|gmbh|inc|incorporated|llc|llp|plc|corp|corporation|co|company|ag|kg|ohg|se|sa|s\\.a|sas|sarl|srl|spa|"
    "bv|b\\.v|nv|ab|oy|as|aps|pty|pte|kk|sdn bhd|group|holdings?"
)
_HAN_FORMS = "公司|集团|集團|厂|廠|合作社|合伙企业|有限合伙|个体工商户|事务所|工作室|商行|经营部"
_HAN_PLACES = re.compile(r"[省市区县镇乡路街道巷弄号栋幢楼室]")
_is_han_name = _whole(rf"[{_FAMILY_NAMES}] ?[一-鿿·][一-鿿· ]{{0,2}}(?:先生|女士|小姐)?")
_is_latin_name = _whole(
    rf"{_LATIN_WORD}(?: {_PARTICLES}{_LATIN_WORD}){{1,2}}|{_PARTICLES}{_LATIN_WORDS}, ?{_LATIN_WORDS}", any_case=False
)
_is_number = _whole(
    rf"(?:(?:\+|00[1-9]){_DIGIT}{{7,15}}|\(?0[1-9]{_DIGIT}{{7,14}}|(?:86[\s-]?)?1[\s-]?[3-9](?:[\s-]?\d){{9}}"
    r"|\(\d{3}\)\s?\d{3}[\s-]?\d{4}|\d{3}([-.])\d{3}\1\d{4})(?:\s*(?:转|ext\.?|x|#)\s*\d{1,6})?"
)

is_firm = _whole(rf".+(?:{_HAN_FORMS})|.+公司.{{1,8}}|.+[ ,.](?:{_LATIN_FORMS})\.?")
is_credit_code = _whole(r"[159NY][1239]\d{6}[0-9A-HJ-NPQRTUWXY]{10}")

# What values look like on their own. A date without separators looks like a telephone number too, and is told first.
LIKE: Mapping[str, Callable[[str], bool]] = {
    "email": _whole(r"[^@\s]+@[^@\s]+\.[^@\s]+"),
    "id_number": _whole(rf"[1-9]\d{{5}}{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{{3}}[\dX]"),
    "born_on": _whole(rf"(?:{_DAY}){_TIME}"),
    "phone": _is_number,
    "address": lambda value: len(value) > 7 and len(_HAN_PLACES.findall(value)) > 1,
    "gender": lambda value: value.lower() in {"m", "f", "male", "female", "男", "女", "man", "woman"},
    "name": lambda value: not is_firm(value) and (_is_han_name(value) or _is_latin_name(value)),
}
UNMISTAKABLE = ("email", "id_number", "born_on", "phone")  # by values alone, whatever a column is called
# What they may look like where the name of a column says what they are.
HOPED: Mapping[str, Callable[[str], bool]] = {
    **LIKE,
    "id_number": _whole(r"[\w\s./\-]{4,25}"),
    "born_on": _whole(rf"(?:{_DAY}|{_DAY_OF_CENTURY}){_TIME}"),
    "phone": lambda value: "@" not in value and 7 <= len(re.sub(r"\D", "", value)) <= 20 and not LIKE["born_on"](value),
    "name": _whole(r"[一-鿿]{2,4}|[^\W\d_][^\d@]*[ ,·][^\d@]*[^\W\d_]\.?"),
    "postal_code": _whole(r"[\w\s\-]{3,10}"),
}
