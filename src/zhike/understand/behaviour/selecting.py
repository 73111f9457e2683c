"""Who is behind the figures of behaviour, as texts of rules."""

from __future__ import annotations

from datetime import date, timedelta

from zhike.rules.text import text_of_text

DAYS_WITH = {"orders": "first_ordered_on", "contracts": "first_started_on"}
SECOND = {"orders": "days_to_second_order", "contracts": "days_to_second_contract"}
DAY = timedelta(days=1)


def users(line: str) -> str:
    """Who have a contract of a line in force, or ordered in it within a year."""
    name = text_of_text(line)
    return (
        f'(ever(contracts where line_of_business = {name} and current_status = "active")'
        f" or ever(orders where line_of_business = {name} in last 365 days))"
    )


def users_without(line: str, missing: str) -> str:
    """Who use one line and not another."""
    return f"{users(line)} and not {users(missing)}"


def users_of(line: str, use: str) -> str:
    """Who use a line so: main, sometimes or dormant."""
    name = text_of_text(line)
    if use == "main":
        return f"main_line = {name}"
    if use == "sometimes":
        return f"{users(line)} and main_line != {name}"
    ever = f"ever(contracts where line_of_business = {name}) or ever(orders where line_of_business = {name})"
    return f"({ever}) and not {users(line)}"


def first_bought(kind: str, since: date, until: date) -> str:
    """Who bought for the first time from one day to another, both included."""
    return f"{DAYS_WITH[kind]} between {since} and {until}"


def came_back(kind: str, *, days: int) -> str:
    """Who bought again within so many days of the first time."""
    return f"{SECOND[kind]} <= {days}"
