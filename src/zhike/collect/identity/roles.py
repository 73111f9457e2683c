"""What the columns of a plain file say about people: told by their names, and else by their values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import yaml
from django.utils.translation import gettext as _

from zhike.collect.sources.detection import SYNONYMS
from zhike.errors import UserError
from zhike.warehouse.entity_parts import PERSON

# What linking can make use of, beyond the columns of people's records: an address that comes in parts.
PARTS_OF_ADDRESS = ("number", "street", "place", "unit")
OF_PERSON = (
    *("name", "family_name", "given_name", "gender", "born_on", "id_number", "phone", "phone_2", "email"),
    *("address", "district", "city", "province", "postal_code"),
)
ROLES = (*OF_PERSON, *PARTS_OF_ADDRESS)
assert {column.name for column in PERSON} >= set(OF_PERSON)

# What files call things besides what sources do (`detection`), folded to letters and digits. The first found wins.
FURTHER: Mapping[str, tuple[str, ...]] = {
    "name": ("fullname", "personname", "patientname", "contact", "contactname", "客户名称", "联系人"),
    "family_name": ("surname", "lname", "lastnm", "familyname", "secondname", "姓氏"),
    "given_name": ("fname", "firstnm", "givenname", "givennames", "forenames", "christianname", "名字"),
    "gender": ("sexcode",),
    "born_on": ("born", "birth", "bday", "birthdt", "dateborn", "出生年月", "出生年月日"),
    "id_number": (
        *("socsecid", "ssn", "socialsecuritynumber", "nationalidnumber", "passport", "passportno", "idcardno"),
        *("taxid", "nino", "identitynumber", "身份证号码", "证件号", "护照号"),
    ),
    "phone": (
        *("phonenumber", "phoneno", "mobileno", "mobilenumber", "cellphone", "contactnumber"),
        *("手机号码", "联系方式"),
    ),
    "phone_2": ("otherphone", "landline", "telephone2", "tel2", "固定电话", "备用电话"),
    "email": ("emailid", "e", "电邮"),
    "address": (
        *("fulladdress", "addr", "postaladdress", "homeaddress", "mailingaddress"),
        *("住址", "家庭地址", "通讯地址"),
    ),
    "street": ("address1", "addressline1", "addr1", "street1", "road", "streetname", "街道地址"),
    "place": ("address2", "addressline2", "addr2", "street2", "building", "locality", "estate", "小区"),
    "number": ("streetnumber", "streetno", "housenumber", "houseno", "number", "门牌号"),
    "unit": ("flat", "apartment", "apt", "unitnumber", "suite", "房号"),
    "district": ("county", "area", "区县", "区"),
    "city": ("locality", "municipality", "suburb", "所在城市"),
    "postal_code": ("postal", "pcode", "zip5", "邮政编码"),
    "province": ("stateabbr", "st", "provincename"),
}
SHARE = 0.7  # of the values of a column that must look like something before it is taken for that
HAN_PLACES = re.compile(r"[省市区县镇乡路街道巷弄号栋幢楼室]")
LIKE: Mapping[str, Callable[[str], bool]] = {
    "email": re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+").fullmatch,  # type: ignore[dict-item]
    "id_number": re.compile(r"\d{17}[\dXx]").fullmatch,  # type: ignore[dict-item]
    "phone": re.compile(r"(\+|00)?[\d０-９][\d０-９\s().\-]{6,18}").fullmatch,  # type: ignore[dict-item]
    "born_on": re.compile(r"(19|20)\d\d\D?(0?[1-9]|1[0-2])\D?(0?[1-9]|[12]\d|3[01])\D?").fullmatch,  # type: ignore[dict-item]
    "address": lambda value: len(value) > 7 and len(HAN_PLACES.findall(value)) > 1,
    "gender": {"m", "f", "male", "female", "男", "女", "man", "woman"}.__contains__,
    "name": re.compile(r"[一-鿿·]{2,4}(先生|女士|小姐)?").fullmatch,  # type: ignore[dict-item]
}
# A date without separators looks like a telephone number too, and is told first.
ORDER = ("email", "id_number", "born_on", "phone", "address", "gender", "name")


def roles_of(columns: Sequence[str], sample: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Role → column of the file. By name first; what has no telling name, by its values."""
    folded: dict[str, str] = {}
    for column in columns:
        folded.setdefault(_folded(column), column)
    found: dict[str, str] = {}
    for role in ROLES:
        names = (_folded(role), *FURTHER.get(role, ()), *SYNONYMS.get(role, ()))
        _take(found, role, (folded[name] for name in names if name in folded))
    for role in ORDER:
        if role not in found and not (role == "name" and {"family_name", "given_name"} & found.keys()):
            _take(found, role, (column for column in columns if _looks_like(role, sample[column])))
    return {role: found[role] for role in ROLES if role in found}


def read_roles(path: Path, columns: Sequence[str]) -> dict[str, str]:
    """Role → column of the file, as a YAML file says it. Raises UserError where it says something else."""
    try:
        stated = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UserError(_("the mapping cannot be read: %(error)s") % {"error": error}, where=str(path)) from None
    if not isinstance(stated, dict) or not stated or not all(isinstance(one, str) for one in stated.values()):
        raise UserError(
            _("the mapping names no columns"), where=str(path), advice=_("Write one line each: `born_on: DOB`.")
        )
    for role, column in stated.items():
        if role not in ROLES:
            raise UserError(
                _("%(role)s is nothing that linking knows") % {"role": repr(role)},
                where=str(path),
                advice=_("It knows %(roles)s.") % {"roles": ", ".join(ROLES)},
            )
        if column not in columns:
            raise UserError(
                _("the file has no column %(column)s") % {"column": repr(column)},
                where=f"{path}: {role}",
                advice=_("Its columns: %(columns)s.") % {"columns": ", ".join(columns)},
            )
    return {role: stated[role] for role in ROLES if role in stated}


def _take(found: dict[str, str], role: str, columns: Iterable[str]) -> None:
    """Gives a role the first of these columns that has none."""
    free = next((column for column in columns if column not in found.values()), None)
    if free is not None:
        found[role] = free


def _looks_like(role: str, values: Iterable[str]) -> bool:
    known = [value.strip().lower() for value in values if value and value.strip()]
    return bool(known) and sum(bool(LIKE[role](value)) for value in known) >= SHARE * len(known)


def _folded(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).lower()
