"""Addresses in Latin letters: number and street in one spelling, unit, floor, post box, city, state and postcode.

No list of places is needed: what kind of street it is, a state and a postcode tell the parts from each other.
"""

from __future__ import annotations

import ibis
from ibis.expr.types import StringValue, Table

from zhike.collect.identity.normalising.addresses_han import COLUMNS
from zhike.collect.identity.normalising.text import plain

# Kinds of streets by their usual short form.
_STREETS = {
    "ALY": "ALLEY",
    "ARC": "ARCADE",
    "AVE": "AV AVENUE AVEN AVENU",
    "BLVD": "BOULEVARD BVD BOUL BLV",
    "BVE": "BOULEVARDE",
    "CCT": "CIRCUIT CIRC CRT",
    "CIR": "CIRCLE",
    "CL": "CLOSE",
    "CRES": "CRESCENT CR CRS CRESENT",
    "CT": "COURT",
    "DR": "DRIVE DRV",
    "ESP": "ESPLANADE",
    "FWY": "FREEWAY",
    "GDNS": "GARDENS GDN GARDEN",
    "GR": "GROVE GRV",
    "HWY": "HIGHWAY HIWAY HWAY",
    "LN": "LANE",
    "LOOP": "",
    "MEWS": "",
    "PARK": "PK",
    "PDE": "PARADE",
    "PKWY": "PARKWAY PKY",
    "PL": "PLACE PLC",
    "RD": "ROAD",
    "ROW": "",
    "SQ": "SQUARE",
    "ST": "STREET STR STRT",
    "TCE": "TERRACE TER TERR",
    "TRL": "TRAIL TRAK TRACK",
    "WALK": "WK",
    "WAY": "WY",
    "WEG": "",
    "ALLEE": "",
    "PLATZ": "",
}
_DIRECTIONS = {"N": "NORTH", "S": "SOUTH", "E": "EAST", "W": "WEST", "NE": "NORTHEAST", "NW": "NORTHWEST"}
_DIRECTIONS |= {"SE": "SOUTHEAST", "SW": "SOUTHWEST"}
_STATES_AND_PROVINCES = (
    "NSW=NEW SOUTH WALES, VIC=VICTORIA, QLD=QUEENSLAND, TAS=TASMANIA, SA=SOUTH AUSTRALIA, "
    "ACT=AUSTRALIAN CAPITAL TERRITORY, NT=NORTHERN TERRITORY, AL=ALABAMA, AK=ALASKA, AZ=ARIZONA, AR=ARKANSAS, "
    "CA=CALIFORNIA, CO=COLORADO, CT=CONNECTICUT, DE=DELAWARE, FL=FLORIDA, GA=GEORGIA, HI=HAWAII, ID=IDAHO, "
    "IL=ILLINOIS, IN=INDIANA, IA=IOWA, KS=KANSAS, KY=KENTUCKY, LA=LOUISIANA, ME=MAINE, MD=MARYLAND, "
    "MA=MASSACHUSETTS, MI=MICHIGAN, MN=MINNESOTA, MS=MISSISSIPPI, MO=MISSOURI, MT=MONTANA, NE=NEBRASKA, NV=NEVADA, "
    "NH=NEW HAMPSHIRE, NJ=NEW JERSEY, NM=NEW MEXICO, NY=NEW YORK, NC=NORTH CAROLINA, ND=NORTH DAKOTA, OH=OHIO, "
    "OK=OKLAHOMA, OR=OREGON, PA=PENNSYLVANIA, RI=RHODE ISLAND, SC=SOUTH CAROLINA, SD=SOUTH DAKOTA, TN=TENNESSEE, "
    "TX=TEXAS, UT=UTAH, VT=VERMONT, VA=VIRGINIA, WV=WEST VIRGINIA, WI=WISCONSIN, WY=WYOMING, "
    "DC=DISTRICT OF COLUMBIA, ON=ONTARIO, BC=BRITISH COLUMBIA, QC=QUEBEC, AB=ALBERTA, MB=MANITOBA, NS=NOVA SCOTIA, "
    "SK=SASKATCHEWAN"
)
_STATES = dict(pair.split("=") for pair in _STATES_AND_PROVINCES.split(", "))
_SHORT_STREETS = {word: short for short, words in _STREETS.items() for word in words.split()}
_SHORT_DIRECTIONS = {word: short for short, word in _DIRECTIONS.items()}
_SHORT_STATES = {name: short for short, name in _STATES.items()} | {"WASHINGTON": "WA", "WESTERN AUSTRALIA": "WA"}

_GERMAN = "(?:STRASSE|STR|WEG|PLATZ|ALLEE|GASSE)"
_STREET = f"(?:{'|'.join(sorted({*_STREETS, *_SHORT_STREETS}, key=len, reverse=True))})"
_DIRECTION = f"(?:{'|'.join([*_SHORT_DIRECTIONS, 'NE', 'NW', 'SE', 'SW', 'N', 'S', 'E', 'W'])})"
_STATE = f"(?:{'|'.join(sorted({*_STATES, *_SHORT_STATES}, key=len, reverse=True))})"
_HOUSE = "[0-9]+[A-Z]?(?:-[0-9]+[A-Z]?)?"
_WORD = "(?:[A-Z][A-Z-]*|[0-9]+(?:ST|ND|RD|TH))"
_POSTCODE = (
    "(?:[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}|[A-Z][0-9][A-Z] ?[0-9][A-Z][0-9]|[0-9]{5}(?:-[0-9]{4})?|[0-9]{4})"
)
_UNIT = "(?:FLAT|APARTMENT|APARTMNT|APT|APMNT|UNIT|SUITE|STE|ROOM|RM|VILLA|SHOP|OFFICE)"
_FLOOR = "(?:(?:LEVEL|LVL|FLOOR) [0-9]+|[0-9]+(?:ST|ND|RD|TH) (?:FLOOR|FL))"
_BOX = "(?:G?P ?O BOX|POST OFFICE BOX|POSTBOX|POSTFACH|LOCKED BAG|PRIVATE BAG) ?(?:NO )?([0-9]+)"
_COUNTRY = (
    "[ ,]+(?:USA|US|UNITED STATES(?: OF AMERICA)?|UK|UNITED KINGDOM|GREAT BRITAIN|ENGLAND|SCOTLAND|WALES|AUSTRALIA"
    "|CANADA|GERMANY|DEUTSCHLAND|NEW ZEALAND|IRELAND)$"
)


def with_western_address(
    table: Table,
    *,
    address: str | None = None,
    number: str | None = None,
    street: str | None = None,
    unit: str | None = None,
    city: str | None = None,
    state: str | None = None,
    postcode: str | None = None,
) -> Table:
    """The table with the parts of an address in Latin letters in `COLUMNS`, in capitals; NULL where it is not said.

    The state is the `province`, a flat the `unit`, a post box the `place`. Columns of parts go before the text.
    """
    given = {"number": number, "street": street, "unit": unit, "city": city, "state": state, "postcode": postcode}
    parts = {f"we_{name}": _written(table[column]) for name, column in given.items() if column}
    parts |= {f"we_{name}": ibis.null("string") for name in given if f"we_{name}" not in parts}
    text = _written(table[address]) if address else ibis.null("string")
    rows = table.mutate(we_text=text, **parts).view()
    rows = rows.mutate(we_line=_line(rows)).view()
    rows = rows.mutate(we_tail=rows.we_line.re_replace(_COUNTRY, "")).view()
    rows = rows.mutate(we_code=_postcode(rows.we_tail), we_tail=_without_postcode(rows.we_tail)).view()
    found_state = rows.we_tail.re_extract(f"[ ,]({_STATE})$", 1)
    rows = rows.mutate(we_found_state=found_state, we_tail=rows.we_tail.re_replace(f"[ ,]+{_STATE}$", "")).view()
    rows = _with_street(rows.mutate(we_road=_road(rows.we_tail)).view())
    return _spelt(table, rows)


def _written(text: StringValue) -> StringValue:
    """A text in capitals without accents and points, with single spaces and commas."""
    text = (
        plain(text).upper().re_replace("[.'’]", "").re_replace(" *#", ",APT ").re_replace(" *[,;|\\n()]+[,;|() ]*", ",")
    )
    return text.re_replace(" +", " ").re_replace("^[, ]+|[, ]+$", "").nullif("")


def _line(rows: Table) -> StringValue:
    """Unit, number and street before what the text says, as one line."""
    number_and_street = (rows.we_number.fill_null("") + " " + rows.we_street.fill_null("")).strip().nullif("")
    return ibis.coalesce(number_and_street + "," + rows.we_text, number_and_street, rows.we_text)


def _postcode(text: StringValue) -> StringValue:
    at_end = text.re_extract(f"[ ,]({_POSTCODE})$", 1).nullif("")
    before_city = text.re_extract("[ ,]([0-9]{5}) [A-Z][A-Z -]+$", 1).nullif("")  # 10115 BERLIN
    return ibis.coalesce(at_end, before_city)


def _without_postcode(text: StringValue) -> StringValue:
    return text.re_replace(f"[ ,]+{_POSTCODE}$", "").re_replace(",[0-9]{5} ", ",")


def _road(text: StringValue) -> StringValue:
    """Name, kind and direction of the street, as written."""
    words = f"(?:{_WORD} ){{0,4}}?{_WORD}"
    usual = text.re_extract(f"(?:^|[ ,/])({words} {_STREET}(?: {_DIRECTION})?)(?:[ ,]|$)", 1).nullif("")
    german = text.re_extract(f"(?:^|[ ,])({_WORD}(?:STRASSE|STR|WEG|PLATZ|ALLEE|GASSE))(?:[ ,]|$)", 1).nullif("")
    # BROADWAY: whatever stands between a number and a comma.
    other = text.re_extract(f"^{_HOUSE} ([A-Z][A-Z -]+)(?:,|$)", 1).nullif("")
    return ibis.coalesce(usual, german, other).re_replace(f"^(?:{_UNIT}|{_FLOOR}) ", "")


def _with_street(rows: Table) -> Table:
    """Kind and directions of the street in their short forms: N MAIN ST."""
    rows = rows.mutate(
        we_before=rows.we_road.re_extract(f"^({_DIRECTION}) {_WORD} ", 1),
        we_behind=rows.we_road.re_extract(f" ({_DIRECTION})$", 1),
    ).view()
    name = (rows.we_before == "").ifelse(rows.we_road, rows.we_road.re_replace(f"^{_DIRECTION} ", ""))
    rows = rows.mutate(we_name=name.re_replace(f" {_DIRECTION}$", "").re_replace("STRASSE$", "STR")).view()
    rows = rows.mutate(we_kind=rows.we_name.re_extract(f" ({_STREET})$", 1)).view()
    spelt = (rows.we_kind == "").ifelse(
        rows.we_name, rows.we_name.re_replace("[A-Z]+$", "") + rows.we_kind.substitute(_SHORT_STREETS)
    )
    before, behind = (part.substitute(_SHORT_DIRECTIONS) for part in (rows.we_before, rows.we_behind))
    return rows.mutate(we_spelt=(before + " " + spelt + " " + behind).strip().nullif("")).view()


def _number(text: StringValue) -> StringValue:
    after_unit = text.re_extract(f"[0-9A-Z]+ ?/ ?({_HOUSE}) ", 1).nullif("")
    before_street = text.re_extract(f"(?:^|[ ,])({_HOUSE}),? (?:{_WORD} ){{0,5}}{_STREET}(?:[ ,]|$)", 1).nullif("")
    german = text.re_extract(f"{_GERMAN} ({_HOUSE})(?:[ ,]|$)", 1).nullif("")
    return ibis.coalesce(after_unit, german, before_street, text.re_extract(f"^({_HOUSE})(?:[ ,]|$)", 1).nullif(""))


def _unit(text: StringValue) -> StringValue:
    named = text.re_extract(f"(?:^|[ ,]){_UNIT}[ ,]*(?:NO )?([0-9]+[A-Z]?|[A-Z][0-9]*)(?:[ ,/]|$)", 1).nullif("")
    return ibis.coalesce(named, text.re_extract(f"(?:^|[ ,])([0-9]+[A-Z]?|[A-Z]) ?/ ?{_HOUSE}", 1).nullif(""))


def _city(text: StringValue) -> StringValue:
    """What stands last, behind a comma or the street."""
    last = text.re_extract(",([A-Z][A-Z -]+)$", 1).nullif("")
    behind = text.re_extract(f" {_STREET}[ ,]+([A-Z][A-Z -]+)$", 1).nullif("")
    # ST MARYS RD, MAIN ST NORTH: still the street.
    return ibis.coalesce(
        behind.re_search(f"(?:^| ){_STREET}(?: {_DIRECTION})?$|^{_DIRECTION}$").ifelse(None, behind), last
    )


def _spelt(table: Table, rows: Table) -> Table:
    box = rows.we_line.re_extract(_BOX, 1).nullif("")
    floor = rows.we_line.re_extract(f"({_FLOOR})", 1).re_extract("([0-9]+)", 1).nullif("")
    code = ibis.coalesce(rows.we_postcode, rows.we_code)
    without_unit = rows.we_line.re_replace(f"(?:^|[ ,]){_UNIT}[ ,]*(?:NO )?[0-9A-Z]+[ ,]", ",").re_replace("^,", "")
    kept = [name for name in table.columns if name not in COLUMNS]
    found = {
        "province": ibis.coalesce(rows.we_state, rows.we_found_state.nullif("")).substitute(_SHORT_STATES),
        "city": ibis.coalesce(rows.we_city, _city(rows.we_tail)),
        "street": rows.we_spelt,
        "number": ibis.coalesce(rows.we_number, box.isnull().ifelse(_number(without_unit), None)),
        "place": "PO BOX " + box,
        "unit": ibis.coalesce(rows.we_unit.re_extract("([0-9A-Z]+)$", 1).nullif(""), _unit(rows.we_line)),
        "floor": floor,
        "postcode": code.re_replace(" ", "").re_replace("-[0-9]{4}$", ""),
    }
    return rows.select(*kept, **{name: found.get(name, ibis.null("string")) for name in COLUMNS})
