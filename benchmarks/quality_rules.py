"""The rules that come with Zhike as whoever has pandas or Polars would write them: one expression for both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

Condition = Callable[[Any], Any]
KEYS = ["unit_id", "sales_channel", "source", "agent_id"]
ADDED = ("ends_early", "bounced")  # made of contracts and responses
TWO_YEARS_AGO, A_YEAR_AGO = date(2024, 6, 30), date(2025, 6, 30)


def known(column: Any) -> Any:
    """Where there is a value."""
    return column.is_not_null() if hasattr(column, "is_not_null") else column.notna()


def among(column: Any, *values: str) -> Any:
    """Where the value is one of these."""
    return column.is_in(values) if hasattr(column, "is_in") else column.isin(values)


def _is_person(t: Any) -> Any:
    return t.kind == "person"


def _holds(t: Any) -> Any:
    return t.active_contract_count > 0


def _person_holds(t: Any) -> Any:
    return (t.kind == "person") & (t.active_contract_count > 0)


def _stated(name: str) -> Condition:
    return lambda t: getattr(t, f"{name}_quality") != "missing"


def _is(name: str, value: str) -> Condition:
    return lambda t: getattr(t, f"{name}_quality") == value


def _twice(t: Any) -> Any:
    phone, email, post = t.phone_quality == "valid", t.email_quality == "valid", t.address_quality == "complete"
    return (phone & email) | (phone & post) | (email & post)


# Rule → of whom it is asked (None: of everybody), and what is good.
RULES: dict[str, tuple[Condition | None, Condition]] = {
    "name_stated": (None, _is("name", "stated")),
    "gender_stated": (_is_person, _stated("gender")),
    "born_on_stated": (_is_person, _stated("born_on")),
    "id_number_stated": (_person_holds, _stated("id_number")),
    "register_number_stated": (lambda t: t.kind == "organisation", _stated("id_number")),
    "phone_stated": (None, _stated("phone")),
    "email_stated": (None, _stated("email")),
    "address_stated": (None, _stated("address")),
    "address_leads_to_a_door": (_stated("address"), _is("address", "complete")),
    "city_stated": (None, lambda t: known(t.city)),
    "postal_code_stated": (None, _stated("postal_code")),
    "occupation_stated": (_person_holds, lambda t: known(t.occupation)),
    "marital_status_stated": (_person_holds, lambda t: known(t.marital_status)),
    "income_stated": (_person_holds, lambda t: known(t.income_amount)),
    "language_stated": (None, lambda t: known(t.language)),
    "unit_assigned": (None, lambda t: t.unit_id != ""),
    "agent_assigned": (_holds, lambda t: (t.agent_id != "") & ~known(t.agent_left_on)),
    "first_seen_stated": (None, lambda t: known(t.first_seen_on)),
    "name_means_something": (_stated("name"), _is("name", "stated")),
    "phone_can_be_dialled": (_stated("phone"), _is("phone", "valid")),
    "email_can_be_written_to": (_stated("email"), _is("email", "valid")),
    "id_number_checks": (
        lambda t: among(t.id_number_quality, "valid", "wrong_check", "malformed"),
        _is("id_number", "valid"),
    ),
    "born_on_plausible": (_stated("born_on"), lambda t: t.born_on_quality != "implausible"),
    "born_on_agrees": (lambda t: among(t.born_on_quality, "confirmed", "contradicted"), _is("born_on", "confirmed")),
    "gender_agrees": (lambda t: among(t.gender_quality, "confirmed", "contradicted"), _is("gender", "confirmed")),
    "postal_code_well_formed": (_stated("postal_code"), _is("postal_code", "plausible")),
    "holder_of_age": (lambda t: _person_holds(t) & known(t.age), lambda t: (t.age >= 16) & (t.age <= 110)),
    "marital_status_of_the_list": (
        lambda t: known(t.marital_status),
        lambda t: among(t.marital_status, "single", "married", "divorced", "widowed"),
    ),
    "children_are_not_married": (
        lambda t: (t.age < 18) & known(t.marital_status),
        lambda t: t.marital_status == "single",
    ),
    "known_after_birth": (
        lambda t: known(t.born_on) & known(t.first_seen_on),
        lambda t: t.first_seen_on >= t.born_on,
    ),
    "contracts_end_after_they_begin": (lambda t: t.contract_count > 0, lambda t: ~t.ends_early),
    "id_number_is_ones_own": (lambda t: known(t.id_number_sharers), lambda t: t.id_number_sharers == 0),
    "phone_is_ones_own": (lambda t: known(t.phone_sharers), lambda t: t.phone_sharers <= 3),
    "email_is_ones_own": (lambda t: known(t.email_sharers), lambda t: t.email_sharers <= 1),
    "phone_stands_alone": (lambda t: known(t.phone_sharers), lambda t: t.phone_sharers == 0),
    "record_is_fresh": (lambda t: known(t.updated_on), lambda t: t.updated_on > TWO_YEARS_AGO),
    "record_of_a_holder_is_fresh": (
        lambda t: known(t.updated_on) & (t.active_contract_count > 0),
        lambda t: t.updated_on > A_YEAR_AGO,
    ),
    "holder_was_heard_of": (_holds, lambda t: t.last_seen_on > A_YEAR_AGO),
    "buyer_was_heard_of": (
        lambda t: (t.order_count > 0) & (t.active_contract_count == 0),
        lambda t: t.last_seen_on > TWO_YEARS_AGO,
    ),
    "can_be_reached": (
        None,
        lambda t: (t.phone_quality == "valid") | (t.email_quality == "valid") | (t.address_quality == "complete"),
    ),
    "can_be_phoned": (None, _is("phone", "valid")),
    "holder_can_be_reached_twice": (_holds, _twice),
    "email_does_not_bounce": (
        lambda t: (t.email_quality == "valid") & (t.message_count > 0),
        lambda t: ~t.bounced,
    ),
}


def read_columns() -> list[str]:
    """The columns that the rules and the groups name."""
    named = _Named()
    for applies, good in RULES.values():
        if applies is not None:
            applies(named)
        good(named)
    return ["customer_id", *dict.fromkeys(name for name in (*KEYS, *named.names) if name not in ADDED)]


class _Named:
    """Notes which columns are asked for, and answers anything."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __getattr__(self, name: str) -> _Any:
        self.names.append(name)
        return _Any()


class _Any:
    def __getattr__(self, _name: str) -> Any:
        return lambda *_values: _Any()

    def _with(self, _other: object = None) -> _Any:
        return self

    __and__ = __or__ = __lt__ = __le__ = __gt__ = __ge__ = _with
    __eq__ = __ne__ = _with  # type: ignore[assignment]
    __invert__ = _with
