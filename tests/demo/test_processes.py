"""Planted processes show in the files: buying as BG/NBD, responding by the rule, lapsing by the hazards."""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pytest
from demo_company import AS_OF, RAGGED, Company, rows_of

from zhike.demo import purchases
from zhike.demo.attitudes import LEAVES_AFTER_COMPLAINT, LEAVES_AFTER_DAYS
from zhike.demo.campaigns import ACTIVE_DAYS, CAMPAIGNS
from zhike.demo.people import DAYS_A_YEAR
from zhike.demo.policies import AUTOPAY_FACTOR, FIRST_YEAR_HAZARD, GRACE_DAYS


def good_rows(company: Company, feed: str, key: str, customer: str) -> list[dict[str, Any]]:
    return [
        row
        for row in rows_of(company.delivery(feed))
        if row is not RAGGED and row[key] and not row[key].endswith("-X") and row[customer]
    ]


def test_rates_and_dropouts_have_the_means_of_their_distributions(company: Company) -> None:
    process = company.truth("purchase_process")
    rate = pc.mean(process["purchases_per_week"]).as_py()
    dropout = pc.mean(process["dropout_probability"]).as_py()
    assert rate == pytest.approx(purchases.R / purchases.ALPHA_WEEKS, rel=0.08)
    assert dropout == pytest.approx(purchases.A / (purchases.A + purchases.B), rel=0.05)


def test_one_time_buyers_are_as_many_as_the_model_says(company: Company) -> None:
    process = company.truth("purchase_process").to_pylist()
    weeks = np.array([((AS_OF - row["first_ordered_on"]).days + 0.5) / 7 for row in process])
    # P(X(t) = 0) of the BG/NBD paper: exp(-λt) for one customer, (α / (α + t))^r over all.
    expected = ((purchases.ALPHA_WEEKS / (purchases.ALPHA_WEEKS + weeks)) ** purchases.R).mean()
    share = np.mean([row["orders"] == 1 for row in process])
    assert share == pytest.approx(expected, abs=3 * math.sqrt(expected * (1 - expected) / len(process)))


def test_repeat_purchases_are_as_many_as_the_parameters_say(company: Company) -> None:
    process = company.truth("purchase_process").to_pylist()
    # The BG/NBD paper's expectation for one customer: E(X(t) | λ, p) = (1 - exp(-λ p t)) / p.
    expected = [
        (1 - math.exp(-row["purchases_per_week"] * row["dropout_probability"] * weeks)) / row["dropout_probability"]
        for row in process
        for weeks in [((AS_OF - row["first_ordered_on"]).days + 0.5) / 7]
    ]
    repeats = [row["orders"] - 1 for row in process]
    assert np.mean(repeats) == pytest.approx(np.mean(expected), rel=0.05)


def test_the_living_go_on_buying_and_the_others_do_not(company: Company) -> None:
    process = company.truth("purchase_process").to_pylist()
    assert all(row["next_year_orders"] == 0 for row in process if not row["is_alive"])
    assert np.mean([row["next_year_orders"] for row in process if row["is_alive"]]) > 0.5


def test_orders_in_the_file_are_those_of_the_truth(company: Company) -> None:
    person_of = {
        row["customer_key"]: row["person_id"]
        for row in company.truth("identity").to_pylist()
        if row["source"] == "shop"
    }
    orders: dict[int, set[str]] = defaultdict(set)
    amounts: dict[int, float] = defaultdict(float)
    for row in good_rows(company, "shop_orders", "order_no", "member"):
        person = person_of[row["member"]]
        orders[person].add(row["order_no"])
        amounts[person] += int(row["qty"]) * float(row["unit_price"])
    for row in company.truth("purchase_process").to_pylist():
        assert len(orders[row["person_id"]]) == row["orders"]
        assert amounts[row["person_id"]] == pytest.approx(row["amount"], abs=0.1 * row["orders"])
    spend = purchases.P * purchases.GAMMA_YUAN / (purchases.Q - 1)
    assert np.mean([amounts[person] / len(orders[person]) for person in orders]) == pytest.approx(spend, rel=0.08)


def uplift(rows: list[dict[str, Any]], bought: set[str]) -> tuple[float, float]:
    """Difference between the arms in the share who bought, and its standard error."""
    shares, variances = [], []
    for arm in ("treated", "holdout"):
        outcomes = [row["customer_key"] in bought for row in rows if row["arm"] == arm]
        shares.append(np.mean(outcomes))
        variances.append(shares[-1] * (1 - shares[-1]) / len(outcomes))
    return float(shares[0] - shares[1]), math.sqrt(sum(variances))


def campaign_rows(company: Company, code: str, *, in_rule: bool) -> list[dict[str, Any]]:
    rows = company.truth("response_rule").to_pylist()
    return [row for row in rows if row["campaign"] == code and row["is_in_rule"] == in_rule]


def buyers(company: Company, product: str) -> set[str]:
    rows = good_rows(company, "core_orders", "ORD_NO", "CUST_NO")
    return {row["CUST_NO"] for row in rows if row["PROD_CODE"] == product}


@pytest.mark.parametrize(("code", "product"), [("health-check", "SV01"), ("child-plan", "SV02")])
def test_the_planted_rule_shows_in_the_orders(company: Company, code: str, product: str) -> None:
    campaign = next(each for each in CAMPAIGNS if each.code == code)
    difference, error = uplift(campaign_rows(company, code, in_rule=True), buyers(company, product))
    assert abs(difference - campaign.uplift) < 2.6 * error
    assert difference - 1.96 * error > 0


@pytest.mark.parametrize(
    ("code", "product"), [("health-check", "SV01"), ("child-plan", "SV02"), ("travel-card", "SV03")]
)
def test_elsewhere_the_campaign_earns_nothing(company: Company, code: str, product: str) -> None:
    difference, error = uplift(campaign_rows(company, code, in_rule=False), buyers(company, product))
    assert difference - 1.96 * error < 0.005
    assert abs(difference) < 0.02


def test_arms_are_drawn_at_random(company: Company) -> None:
    for campaign in CAMPAIGNS:
        rows = [row for row in company.truth("response_rule").to_pylist() if row["campaign"] == campaign.code]
        held_out = np.mean([row["arm"] == "holdout" for row in rows])
        assert held_out == pytest.approx(campaign.holdout_share, abs=0.015)


def test_only_the_treated_get_messages(company: Company) -> None:
    rows = company.truth("response_rule").to_pylist()
    treated = {(row["campaign"], row["customer_key"]) for row in rows if row["arm"] == "treated"}
    messages = good_rows(company, "mail_messages", "message_id", "recipient")
    assert {(row["campaign"], row["recipient"]) for row in messages} == treated


def test_the_rule_can_be_found_in_the_data(company: Company) -> None:
    """Who is in the rule's group follows from app events, contracts and birthdays alone."""
    launched = next(row["launched_on"] for row in campaign_rows(company, "health-check", in_rule=True))
    person_of = {
        (row["source"], row["customer_key"]): row["person_id"] for row in company.truth("identity").to_pylist()
    }
    active = set()
    for row in good_rows(company, "app_events", "event_id", "uid"):
        days_before = (launched - date.fromisoformat(row["ts"][:10])).days if row["event"] == "login" else -1
        if 0 < days_before <= ACTIVE_DAYS:
            active.add(person_of["app", row["uid"]])
    insured = set()
    for row in good_rows(company, "core_contracts", "POL_NO", "CUST_NO"):
        terminated = row["TERM_DT"] or "9999-12-31"
        ends = row["END_DT"] or "9999-12-31"
        day = launched.isoformat()
        if row["LOB"] == "health" and row["START_DT"] <= day <= ends and day < terminated:
            insured.add(person_of["core", row["CUST_NO"]])
    born = dict(zip(*(company.truth("persons")[name].to_pylist() for name in ("person_id", "born_on")), strict=True))
    for in_rule in (True, False):
        for row in campaign_rows(company, "health-check", in_rule=in_rule):
            person = row["person_id"]
            age = (launched - born[person]).days / 365.2425
            assert (person in active and person in insured and 30 <= age < 46) == in_rule


def test_autopay_halves_the_lapses_of_the_first_year(company: Company) -> None:
    lapsed: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for row in good_rows(company, "core_contracts", "POL_NO", "CUST_NO"):
        started = date.fromisoformat(row["START_DT"])
        lasted = (date.fromisoformat(row["TERM_DT"]) - started).days if row["TERM_DT"] else 9_999
        # Who gave notice did so before an anniversary.
        if row["CHANNEL"] != "agent" or (AS_OF - started).days < 440 or lasted < 365:
            continue
        total[row["AUTOPAY"]] += 1
        lapsed[row["AUTOPAY"]] += lasted == int(DAYS_A_YEAR) + GRACE_DAYS
    assert lapsed["N"] / total["N"] == pytest.approx(FIRST_YEAR_HAZARD, abs=0.02)
    assert lapsed["Y"] / total["Y"] == pytest.approx(FIRST_YEAR_HAZARD * AUTOPAY_FACTOR, abs=0.015)


def holders(company: Company) -> dict[str, dict[str, Any]]:
    """The true attributes behind each key of the policy system."""
    persons = {row["person_id"]: row for row in company.truth("persons").to_pylist()}
    core = [row for row in company.truth("identity").to_pylist() if row["source"] == "core"]
    return {row["customer_key"]: persons[row["person_id"]] for row in core if row["person_id"] in persons}


def share_left(company: Company, since: date, is_one: Callable[[dict[str, Any]], bool]) -> float:
    """Of the contracts in force on a day, of holders of a kind, the share that they have left since."""
    kinds, left = holders(company), []
    for row in good_rows(company, "core_contracts", "POL_NO", "CUST_NO"):
        over = [date.fromisoformat(row[name]) for name in ("TERM_DT", "END_DT") if row[name]]
        if date.fromisoformat(row["START_DT"]) > since or min(over, default=AS_OF) < since:
            continue
        if row["CUST_NO"] in kinds and is_one(kinds[row["CUST_NO"]]):
            left.append(row["STATUS"] in ("LA", "SU", "CA"))
    return float(np.mean(left))


def test_a_few_in_a_hundred_leave_in_a_year(company: Company) -> None:
    assert 0.03 < share_left(company, AS_OF - timedelta(days=365), lambda _: True) < 0.08


def test_the_unsatisfied_and_the_restless_leave_and_users_of_the_app_stay(company: Company) -> None:
    since = AS_OF - timedelta(days=730)
    loyal = share_left(company, since, lambda row: row["satisfaction"] > 0.7 and not row["is_restless"])
    unsatisfied = share_left(company, since, lambda row: row["satisfaction"] < -0.7 and not row["is_restless"])
    restless = share_left(company, since, lambda row: row["satisfaction"] > 0.7 and row["is_restless"])
    assert unsatisfied > 2 * loyal
    assert restless > 2.5 * loyal
    day = AS_OF - timedelta(days=180)
    in_use = share_left(company, day, lambda row: (row["app_dormant_from"] or day) > AS_OF)
    others = share_left(company, day, lambda row: not row["in_app"])
    assert others > 1.5 * in_use


def test_complaints_come_from_the_unsatisfied_and_some_of_them_leave(company: Company) -> None:
    kinds, ended = holders(company), defaultdict(list)
    for row in good_rows(company, "core_contracts", "POL_NO", "CUST_NO"):
        if row["TERM_DT"]:
            ended[row["CUST_NO"]].append(date.fromisoformat(row["TERM_DT"]))
    satisfied, gone = [], []
    for row in good_rows(company, "callcentre_interactions", "工单号", "客户号"):
        if "complaint" not in row["主题"]:
            continue
        told = date.fromisoformat(row["时间"][:10])
        satisfied.append(kinds[row["客户号"]]["satisfaction"])
        low, high = LEAVES_AFTER_DAYS
        gone.append(any(low <= (day - told).days < high for day in ended[row["客户号"]]))
    assert len(gone) > 1_000
    assert np.mean(satisfied) < -0.5
    assert 0.2 < np.mean(gone) < LEAVES_AFTER_COMPLAINT


def test_surveys_say_how_satisfied_holders_are_and_nothing_of_buyers(company: Company) -> None:
    kinds, said, felt = holders(company), [], []
    for row in good_rows(company, "mail_surveys", "answer_id", "recipient"):
        answers = row["answers"]
        if "satisfaction" in answers:
            said.append((answers["satisfaction"] - 1) / (answers.get("of", 5) - 1))
            felt.append(kinds[row["recipient"]]["satisfaction"])
            assert 0 <= said[-1] <= 1
        assert 0 <= answers.get("recommend", 5) <= 10
    assert np.corrcoef(said, felt)[0, 1] > 0.7
    assert np.mean([one >= 0.75 for one in said]) == pytest.approx(0.7, abs=0.05)
    in_shop = [row for row in company.truth("identity").to_pylist() if row["source"] == "shop"]
    buyers_of = {row["customer_key"]: row["person_id"] for row in in_shop}
    alive = {row["person_id"]: row["is_alive"] for row in company.truth("purchase_process").to_pylist()}
    answered = [
        (row["answers"]["satisfaction"], alive[buyers_of[row["member"]]])
        for row in good_rows(company, "shop_surveys", "answer_id", "member")
        if "satisfaction" in row["answers"]
    ]
    assert abs(np.corrcoef(np.array(answered, dtype=float).T)[0, 1]) < 0.1


def test_parties_are_in_contracts_and_children_are_insured(company: Company) -> None:
    contracts = {row["POL_NO"] for row in good_rows(company, "core_contracts", "POL_NO", "CUST_NO")}
    parties = good_rows(company, "core_parties", "POL_NO", "CUST_NO")
    assert {row["POL_NO"] for row in parties} == contracts
    keys = [(row["POL_NO"], row["ROLE"], row["CUST_NO"]) for row in parties]
    assert len(keys) == len(set(keys))
    assert sum(row["ROLE"] == "02" and row["RELATION"] == "子女" for row in parties) > 300


def test_parameters_are_written(company: Company) -> None:
    content = json.loads((company.directory / "truth" / "parameters.json").read_text(encoding="utf-8"))
    assert content["customers"] == 20_000
    assert content["purchases"]["r"] == purchases.R
    assert [campaign["code"] for campaign in content["campaigns"]] == [campaign.code for campaign in CAMPAIGNS]
    assert datetime.fromisoformat(content["as_of"]).date() == AS_OF
