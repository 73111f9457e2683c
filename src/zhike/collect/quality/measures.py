"""Pure measures of data quality: what each value is worth, who shares it, and how many fulfil each rule."""

from __future__ import annotations

from datetime import date

import ibis
from ibis import _
from ibis.expr.types import BooleanValue, StringValue, Table

from zhike.collect.identity.normalising.emails import email_address
from zhike.collect.identity.normalising.id_numbers import has_valid_check, id_number
from zhike.collect.identity.normalising.phones import e164
from zhike.collect.identity.normalising.text import MEANINGLESS, half_width, once
from zhike.collect.quality.tables import IDENTIFYING

OLDEST = 120  # years
NO_LETTER = "^[ -@\\[-`{-~·•。，、；：？！—…～×★●○]*$"
HAN_DOOR = "[一二三四五六七八九十百]+[号弄室栋幢座楼]"
HAN_AREA = "[市县区旗州盟镇乡]"
SEVERAL_WORDS = "[a-z].* .*[a-z]"
CHINA = ("CN", "CHN", "CHINA", "中国")
IN_FORCE = ("pending", "active", "suspended")
RESIDENT = "^[0-9]{17}[0-9X]$"
DAY_AND_BAR = 12  # characters before the channel


def contact_points(customers: Table, *, region: str) -> Table:
    """One row per customer: phone, e-mail and identity number in one spelling, missing where they are none.

    A telephone number without the code of a country is one of `region`; the second one stands in for the first.
    """
    phones = (e164(phone, region=region) for phone in (customers.phone, customers.phone_2))
    spelt = customers.select(
        "customer_id",
        phone=ibis.coalesce(*phones),
        email=email_address(customers.email),
        id_number=id_number(customers.id_number),
    )
    return spelt.mutate(has_valid_check=has_valid_check(spelt.id_number))


def shared_contacts(points: Table) -> Table:
    """One row per phone, e-mail address or identity number that more than one customer has, with how many do."""
    counted = []
    for kind in IDENTIFYING:
        of_value = points.group_by(value=points[kind]).agg(customer_count=_.count())
        several = of_value.filter((_.customer_count > 1) & _.value.notnull())
        counted.append(several.select(kind=ibis.literal(kind), value=_.value, customer_count=_.customer_count))
    return ibis.union(*counted)


def sales_channels(contracts: Table, orders: Table) -> Table:
    """One row per customer with a channel: that of the newest contract in force, else the newest contract, else order.

    Of two that began on one day the channel that comes later in the alphabet, so that every engine says the same.
    """
    in_force = contracts.current_status.isin(IN_FORCE).ifelse("2", "1")
    sold = contracts.select("customer_id", "channel", rank=in_force, day=contracts.started_on)
    sold = sold.union(orders.select("customer_id", "channel", rank=ibis.literal("0"), day=orders.ordered_on))
    known = sold.filter(sold.channel.notnull() & (sold.channel != ""))
    day = known.day.strftime("%Y-%m-%d").fill_null("0000-00-00")
    newest = known.group_by("customer_id").agg(newest=(known.rank + day + "|" + known.channel).max())
    return newest.select("customer_id", sales_channel=newest.newest.substr(DAY_AND_BAR))


def departures(staff: Table, *, as_of: date) -> Table:
    """One row per member of staff who has left in every record of them: the last of their last days."""
    gone = (staff.left_on <= as_of).fill_null(False)
    known = staff.group_by("staff_id").agg(has_left=gone.all(), agent_left_on=staff.left_on.max())
    return known.filter(known.has_left).drop("has_left")


def quality_marks(
    customers: Table, points: Table, shared: Table, channels: Table, left: Table, *, as_of: date
) -> Table:
    """One row per customer: what each value is worth, who shares it, how old the record is, who looks after them."""
    rows = _beside(customers, points, shared, channels, left)
    return rows.select(
        "customer_id",
        name_quality=_worth(rows.name, (_is_meaningless(rows.name), "meaningless"), otherwise="stated"),
        gender_quality=_gender(rows),
        born_on_quality=_born_on(rows, as_of),
        id_number_quality=_id_number(rows),
        phone_quality=_worth(
            rows.phone.nullif("").fill_null(rows.phone_2),
            (rows.point_phone.notnull(), "valid"),
            otherwise="invalid",
        ),
        email_quality=_worth(rows.email, (rows.point_email.notnull(), "valid"), otherwise="invalid"),
        address_quality=_worth(rows.address, (_is_complete(rows), "complete"), otherwise="vague"),
        postal_code_quality=_worth(rows.postal_code, (_is_postal_code(rows), "plausible"), otherwise="malformed"),
        updated_on=rows.updated_at.date(),
        sales_channel=rows.sales_channel,
        agent_left_on=rows.agent_left_on,
        **{
            f"{kind}_sharers": rows[f"point_{kind}"].notnull().ifelse(rows[f"{kind}_count"].fill_null(1) - 1, None)
            for kind in IDENTIFYING
        },
    )


def _beside(customers: Table, points: Table, shared: Table, channels: Table, left: Table) -> Table:
    """The customers with everything that is known of them elsewhere."""
    named = {f"point_{name}": points[name] for name in (*IDENTIFYING, "has_valid_check")}
    spelt = points.select(point_customer="customer_id", **named)
    rows = customers.left_join(spelt, customers.customer_id == spelt.point_customer)
    for kind in IDENTIFYING:
        own = shared.filter(shared.kind == kind)
        own = own.select(**{f"{kind}_value": own.value, f"{kind}_count": own.customer_count})
        rows = rows.left_join(own, rows[f"point_{kind}"] == own[f"{kind}_value"])
    sold = channels.select(channel_customer="customer_id", sales_channel="sales_channel")
    rows = rows.left_join(sold, rows.customer_id == sold.channel_customer)
    return rows.left_join(left, rows.agent_id == left.staff_id)


def _worth(text: StringValue, *cases: tuple[BooleanValue, str], otherwise: str) -> StringValue:
    """`missing` where there is no text, else the word of the first case that holds."""
    is_missing = text.isnull() | (text.strip() == "")
    return ibis.cases((is_missing, "missing"), *cases, else_=otherwise)


def _is_meaningless(name: StringValue) -> BooleanValue:
    return once(half_width(name).lower().strip(), lambda name: name.isin(MEANINGLESS) | name.re_search(NO_LETTER))


def _gender(rows: Table) -> StringValue:
    said = rows.point_id_number.substr(16, 1).isin(list("02468")).ifelse("female", "male")
    agrees = _of_resident(rows, rows.gender == said)
    return _worth(rows.gender, (agrees, "confirmed"), (~agrees, "contradicted"), otherwise="stated")


def _born_on(rows: Table, as_of: date) -> StringValue:
    agrees = _of_resident(rows, rows.born_on.strftime("%Y%m%d") == rows.point_id_number.substr(6, 8))
    is_old = (rows.kind == "person") & (rows.born_on < as_of.replace(year=as_of.year - OLDEST, day=1))
    return ibis.cases(
        (rows.born_on.isnull(), "missing"),
        ((rows.born_on > as_of) | is_old, "implausible"),
        (agrees, "confirmed"),
        (~agrees, "contradicted"),
        else_="plausible",
    )


def _of_resident(rows: Table, said: BooleanValue) -> BooleanValue:
    """What the number says of a person: missing unless it is one of a resident, and its check digit is right."""
    is_resident = rows.point_has_valid_check & rows.point_id_number.re_search(RESIDENT) & (rows.kind == "person")
    return is_resident.ifelse(said, None)


def _id_number(rows: Table) -> StringValue:
    # What looks like a resident number, or is said to be one, and has no day in it that there is.
    is_resident = rows.point_id_number.re_search(RESIDENT) | (rows.id_type == "resident_id").fill_null(False)
    return _worth(
        rows.id_number,
        (rows.point_has_valid_check, "valid"),
        (~rows.point_has_valid_check, "wrong_check"),
        (rows.point_id_number.isnull() | is_resident, "malformed"),
        otherwise="unchecked",
    )


def _is_complete(rows: Table) -> BooleanValue:
    """The address leads to a door of a place that is known.

    Told by its form: to look up every division in it, as linking does, takes fifteen times as long.
    """

    def leads_to_a_door(address: StringValue) -> BooleanValue:
        return address.re_search(f"[0-9]|{HAN_DOOR}") & (has_city | address.re_search(f"{HAN_AREA}|{SEVERAL_WORDS}"))

    has_city = rows.city.notnull()
    return once(half_width(rows.address).lower(), leads_to_a_door).fill_null(False)


def _is_postal_code(rows: Table) -> BooleanValue:
    code = rows.postal_code.upper().strip()
    is_chinese = rows.country.upper().isin(CHINA).fill_null(False)
    return (
        code.re_search("^[0-9A-Z][0-9A-Z -]{2,9}$") & (~is_chinese | code.re_search("^[0-9]{6}$"))
    ) & ~code.re_search("^[0 -]*$")
