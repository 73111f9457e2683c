"""`zhike value`: published models from plain files, their hold-out, what is predicted, and what is refused."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

Zhike = Callable[..., CompletedProcess[str]]
SUMMARY = "cdnow/cbs_sample_cal39w_hold39w.csv"
COHORT = "period,customers\n" + "".join(
    f"{n},{left}\n" for n, left in enumerate((1000, 869, 743, 653, 593, 551, 517, 491))
)

HELD_OUT = ("--holdout", "l", "--holdout-length", "3")
PARTED = ("--calibrate-until", "2025-01-15", "--holdout-until", "2025-02-28")


def said(zhike: Zhike, *arguments: object) -> Any:
    done = zhike("value", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def purchases(tmp_path: Path) -> Path:
    """Sixty customers, every third of whom comes back each month until June."""
    lines = ["customer,date,amount"]
    for n in range(60):
        for month in range(1, 13 if n % 3 == 0 else 2 + n % 3):
            lines.append(f"c{n},2025-{month:02}-{1 + n % 28:02},{10 + n % 7 * month}")
    path = tmp_path / "purchases.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize(
    ("model", "file", "log_likelihood", "parameters"),
    [
        ("bgnbd", SUMMARY, -9582.429, {"r": 0.2426, "alpha": 4.4137, "a": 0.7930, "b": 2.4262}),
        ("mbgnbd", SUMMARY, -9582.136, {"r": 0.5248, "alpha": 6.1831, "a": 0.8914, "b": 1.6140}),
        ("paretonbd", SUMMARY, -9594.976, {"r": 0.553, "alpha": 10.58, "s": 0.606, "beta": 11.657}),
        ("gammagamma", SUMMARY, -4055.918, {"p": 6.25, "q": 3.74, "gamma": 15.44}),
        (
            "bgbb",
            "cdnow/bgbb_donations.csv",
            -33225.58,
            {"alpha": 1.2035, "beta": 0.7497, "gamma": 0.6568, "delta": 2.7839},
        ),
    ],
)
def test_published_models_come_out_of_their_files(
    zhike: Zhike, shared_data: Path, model: str, file: str, log_likelihood: float, parameters: dict[str, float]
) -> None:
    found = said(zhike, "fit", "--summary", shared_data / file, "--model", model)
    assert found["log_likelihood"] == pytest.approx(log_likelihood, abs=0.006)
    assert found["parameters"] == pytest.approx(parameters, rel=0.002)
    for name, (low, high) in found["intervals"].items():
        assert low < found["parameters"][name] < high
    assert found["warnings"] == []


def test_rows_of_several_customers_count_as_many(zhike: Zhike, tmp_path: Path) -> None:
    rows = [(1 + n % 4, 5 + n % 23 + 0.5 * (n % 4), n % 5) for n in range(60)]
    head = "frequency,recency,T,monetary_value"
    counted, each = tmp_path / "counted.csv", tmp_path / "each.csv"
    counted.write_text(f"{head},weights\n" + "".join(f"{x},9,20,{z},{w}\n" for x, z, w in rows))
    each.write_text(f"{head}\n" + "".join(f"{x},9,20,{z}\n" * w for x, z, w in rows))
    by_count, one_by_one = (said(zhike, "fit", "--summary", file, "--model", "gammagamma") for file in (counted, each))
    assert by_count["customers"] == 120
    assert by_count["parameters"] == pytest.approx(one_by_one["parameters"], rel=1e-4)
    assert by_count["correlation"] == pytest.approx(one_by_one["correlation"])
    assert by_count["warnings"] == one_by_one["warnings"]
    assert not any("came back" in warning for warning in by_count["warnings"])
    counted.write_text(f"{head},weights\n1,9,20,5,0\n")
    nobody = zhike("value", "fit", "--summary", counted, "--model", "gammagamma")
    assert (nobody.returncode, "nobody came back" in nobody.stderr) == (1, True)


def test_a_renewal_model_comes_out_of_a_cohort_or_of_its_contracts(zhike: Zhike, tmp_path: Path) -> None:
    cohort, contracts = tmp_path / "cohort.csv", tmp_path / "contracts.csv"
    cohort.write_text(COHORT)
    left = (131, 126, 90, 60, 42, 34, 26)
    contracts.write_text(
        "periods,ended,weights\n" + "".join(f"{n},yes,{w}\n" for n, w in enumerate(left, 1)) + "7,no,491\n"
    )
    found = [said(zhike, "fit", "--summary", file, "--model", "sbg") for file in (cohort, contracts)]
    assert found[0]["parameters"] == pytest.approx({"alpha": 0.668, "beta": 3.806}, abs=0.001)
    assert found[0]["parameters"] == found[1]["parameters"]
    assert found[0]["survival"][7] == pytest.approx(0.4955, abs=0.02)
    assert found[0]["survival_seen"][7] == found[1]["survival_seen"][7] == pytest.approx(0.491)


def test_the_hold_out_says_what_was_expected_and_what_came(zhike: Zhike, shared_data: Path) -> None:
    found = said(zhike, "fit", "--summary", shared_data / SUMMARY, "--holdout", "hold", "--holdout-length", 39)[
        "holdout"
    ]
    assert found["actual"] == 1882
    assert -0.19 < found["predicted"] / found["actual"] - 1 < -0.11  # as every correct implementation
    assert found["mae"] < found["mae_of_mean"]
    assert sum(one["customers"] for one in found["by_frequency"]) == 2357
    assert sum(one["customers"] * one["predicted"] for one in found["by_frequency"]) == pytest.approx(
        found["predicted"]
    )


def test_purchases_are_summed_up_and_parted_at_a_day(zhike: Zhike, purchases: Path) -> None:
    days = ("--calibrate-until", "2025-08-31", "--holdout-until", "2025-12-31")
    found = said(zhike, "fit", "--purchases", purchases, "--amount", "amount", *days)
    assert found["customers"] == 60
    assert found["holdout"]["actual"] == 20 * 4
    assert found["holdout"]["span"] == pytest.approx(122 / 7)
    assert "little can be learnt" in " ".join(found["warnings"])
    whole = said(zhike, "fit", "--purchases", purchases)
    assert "amounts" not in whole


def test_customers_are_ranked_by_what_they_will_bring(zhike: Zhike, shared_data: Path, tmp_path: Path) -> None:
    written = tmp_path / "worth.csv"
    found = said(zhike, "predict", "--summary", shared_data / SUMMARY, "--horizon", 39, "--limit", 3, "-o", written)
    assert len(found["rows"]) == 3
    assert found["rows"][0]["expected_revenue"] >= found["rows"][1]["expected_revenue"]
    with written.open() as file:
        rows = {row["customer"]: row for row in csv.DictReader(file)}
    assert len(rows) == 2357
    assert float(rows["0001"]["expected_purchases"]) == pytest.approx(1.226, abs=0.001)
    assert float(rows["0003"]["probability_alive"]) == 1
    assert sum(float(row["expected_purchases"]) for row in rows.values()) == pytest.approx(found["expected_purchases"])


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["fit"], "exactly one source"),
        (["fit", "--summary", "{folder}/none.csv"], "none.csv"),
        (["fit", "--summary", "{folder}/bad.csv"], "bad.csv, row 2, column 'frequency': 'two' is not a number"),
        (["fit", "--summary", "{folder}/late.csv"], "after the end of the observation (customer 1)"),
        (["fit", "--summary", "{folder}/once.csv"], "nobody came back"),
        (["fit", "--summary", "{folder}/once.csv", "--holdout", "x"], "--holdout-length"),
        (["fit", "--summary", "{folder}/once.csv", "--calibrate-until", "2025-01-01"], "--purchases"),
        (["fit", "--purchases", "{folder}/p.csv", "--calibrate-until", "2020-01-01"], "nobody bought up to 2020-01-01"),
        (["fit", "--purchases", "{folder}/p.csv", "--holdout-until", "2026-01-01"], "--calibrate-until DATE"),
        (["fit", "--purchases", "{folder}/p.csv", "--date", "day"], "no column 'day'"),
        (["fit", "--summary", "{folder}/once.csv", "--model", "sbg"], "period and customers"),
        (["predict", "--summary", "{folder}/once.csv", "--model", "sbg"], "period and customers"),
        (["predict", "--summary", "{folder}/once.csv", "--model", "gammagamma"], "does not tell how often"),
        (["fit", "--summary", "{folder}/c.csv", "--model", "sbg", "--calibrate-until", "2025-01-01"], "by periods"),
        (["fit", "--summary", "{folder}/c.csv", "--model", "sbg", "--holdout", "x"], "by periods, not by days"),
        (["fit", "--summary", "{folder}/c.csv", "--model", "sbg", "--holdout-periods", "3"], "At most 1"),
        (["fit", "--summary", "{folder}/c0.csv", "--model", "sbg"], "nobody was there at the start"),
        (["fit", "--summary", "{folder}/long.csv", "--model", "sbg"], "99,999,999 periods"),
        (["fit", "--purchases", "{folder}/p.csv", "--model", "sbg"], "contracts are no purchases"),
        (["predict", "--summary", "{folder}/c.csv", "--model", "sbg", "--horizon", "3"], "--periods NUMBER"),
        (["predict", "--summary", "{folder}/c.csv", "--model", "sbg", "--periods", "101"], "more than 100 years"),
        (["fit", "--summary", "{folder}/late.csv", "--holdout-periods", "3"], "only contracts"),
        (["fit", "--summary", "{folder}/z.csv", "--model", "gammagamma", "--holdout", "l"], "--holdout-length"),
        (["fit", "--summary", "{folder}/z.csv", "--model", "gammagamma", *HELD_OUT], "nothing of their amounts"),
        (["fit", "--summary", "{folder}/z.csv", "--model", "gammagamma", *PARTED], "no days that could be parted"),
        (["fit", "--summary", "{folder}/z.csv", "--holdout", "l", "--holdout-length", "inf"], "is no number"),
        (["fit", "--purchases", "{folder}/p.csv", "--model", "bgbb"], "--period week"),
        (["fit", "--purchases", "{folder}/p.csv", "--period", "week"], "Use bgbb"),
        (["fit", "--purchases", "{folder}/p.csv", "--model", "bgbb", "--period", "year", *PARTED], "no whole period"),
        (["predict", "--summary", "{folder}/z.csv", "--horizon", "inf"], "more than 100 years"),
        (["predict", "--summary", "{folder}/z.csv", "--horizon", "1e8"], "at most 5,218"),
    ],
)
def test_a_mistake_is_said_in_words(zhike: Zhike, tmp_path: Path, arguments: list[str], what: str) -> None:
    head = "frequency,recency,T\n"
    for name, text in {
        "bad": head + "1,2,3\ntwo,2,3\n",
        "late": head + "1,9,3\n",
        "once": head + "0,0,3\n0,0,4\n",
        "z": "frequency,recency,T,monetary_value,l\n1,2,3,5,0\n2,2,3,5,1\n0,0,4,0,0\n",
        "c": "period,customers\n0,100\n1,80\n2,70\n3,65\n",
        "c0": "period,customers\n0,0\n1,0\n2,0\n",
        "long": "periods,ended\n99999999,no\n2,yes\n",
        "p": "customer,date\na,2025-01-01\na,2025-02-01\n",
    }.items():
        (tmp_path / f"{name}.csv").write_text(text)
    done = zhike("value", *(part.format(folder=tmp_path) for part in arguments))
    assert done.returncode == 1, done.stdout
    assert what in done.stderr
    assert "Traceback" not in done.stderr
    assert "Warning" not in done.stderr


def test_a_forecast_of_purchases_stands_beside_what_the_model_foresaw_before(
    zhike: Zhike, purchases: Path, shared_data: Path
) -> None:
    found = said(zhike, "predict", "--purchases", purchases, "--amount", "amount")
    # Half of the eleven months and a half that are known.
    assert found["holdout"]["span"] == pytest.approx(25)
    assert found["holdout"]["actual"] == pytest.approx(20 * 6, abs=20)
    assert found["holdout_of_amounts"]["customers"] == 20
    assert found["holdout_of_amounts"]["mae"] < 30
    days = ("--calibrate-until", "2025-08-31", "--holdout-until", "2025-11-30")
    parted = said(zhike, "predict", "--purchases", purchases, *days)
    assert (parted["holdout"]["span"], parted["holdout"]["actual"]) == (13, 20 * 3)
    # The forecast learns from all that is known, up to the end of what was held out.
    ended = said(zhike, "predict", "--purchases", purchases, "--calibrate-until", "2025-11-30")
    assert parted["parameters"] == ended["parameters"]
    summary = shared_data / SUMMARY
    assert said(zhike, "predict", "--summary", summary)["holdout"] is None
    held = said(zhike, "predict", "--summary", summary, "--holdout", "hold", "--holdout-length", 39)
    assert held["holdout"]["actual"] == 1882
    for_people = zhike("value", "predict", "--summary", summary)
    assert "Nothing could be held out" in for_people.stderr


def test_amounts_are_held_out_too(zhike: Zhike, purchases: Path) -> None:
    days = ("--calibrate-until", "2025-08-31", "--holdout-until", "2025-12-31")
    found = said(zhike, "fit", "--purchases", purchases, "--amount", "amount", "--model", "gammagamma", *days)
    months = [
        sum(10 + n % 7 * month for month in range(9, 13)) / 4 for n in range(60) if n % 3 == 0
    ]  # of whoever came back and bought later
    assert found["holdout"]["actual"] == pytest.approx(sum(months) / 20)
    assert 0 < found["holdout"]["predicted"] < found["holdout"]["actual"]  # amounts rise by the month
    assert found["holdout"]["customers"] == 20


def test_purchases_are_yes_or_no_by_the_period(zhike: Zhike, purchases: Path, tmp_path: Path) -> None:
    period = ("--model", "bgbb", "--period", "month")
    days = ("--calibrate-until", "2025-08-31", "--holdout-until", "2025-12-31")
    found = said(zhike, "fit", "--purchases", purchases, *period, *days)
    assert (found["holdout"]["span"], found["holdout"]["actual"]) == (4, 20 * 4)
    summary = tmp_path / "months.csv"
    summary.write_text("frequency,recency,periods,weights\n7,7,7,20\n1,1,7,20\n2,2,7,20\n")
    counted = said(zhike, "fit", "--summary", summary, "--model", "bgbb")
    assert found["parameters"] == pytest.approx(counted["parameters"])
    ahead = said(zhike, "predict", "--purchases", purchases, *period, "--limit", 1)
    assert ahead["horizon"] == 12
    assert 8 < ahead["rows"][0]["expected_purchases"] < 12


def test_renewals_are_foreseen_as_fader_and_hardie_did(zhike: Zhike, tmp_path: Path) -> None:
    """High End of the paper: 13 years, of which the model saw 8; survival by its parameters, and direct sums."""
    file = tmp_path / "cohort.csv"
    later = (468, 445, 427, 409, 394)
    file.write_text(COHORT + "".join(f"{n},{left}\n" for n, left in enumerate(later, 8)))
    found = said(zhike, "fit", "--summary", file, "--model", "sbg", "--holdout-periods", 5)
    assert [one["actual"] for one in found["holdout"]["by_period"]] == pytest.approx([left / 1000 for left in later])
    published, left = [1.0], 1.0
    for t in range(1, 13):
        left *= (3.806 + t - 1) / (0.668 + 3.806 + t - 1)
        published.append(left)
    assert [one["predicted"] for one in found["holdout"]["by_period"]] == pytest.approx(published[8:], abs=0.0005)
    assert found["holdout"]["actual"] == pytest.approx(394)
    assert found["holdout"]["predicted"] == pytest.approx(1000 * published[12], abs=0.5)
    assert found["holdout"]["mae"] == pytest.approx(
        sum(abs(was - 1000 * one) for was, one in zip(later, published[8:], strict=True)) / 5, abs=0.5
    )
    file.write_text(COHORT)
    ahead = said(zhike, "predict", "--summary", file, "--model", "sbg", "--periods", 5, "--discount", 0.1)
    assert ahead["holdout"]["periods"] == 2
    assert ahead["survival"] == pytest.approx(published, abs=0.0005)
    assert ahead["retention"] == pytest.approx([b / a for a, b in pairwise(published)], abs=0.0005)
    alpha, beta = ahead["parameters"].values()
    for row in ahead["rows"]:
        renewed, stays, worth, within = row["renewed"], 1.0, 0.0, 0.0
        for t in range(2000):
            stays *= (beta + renewed + t) / (alpha + beta + renewed + t)
            worth += stays / 1.1**t
            within += stays if t < 5 else 0
        assert row["discounted_residual_lifetime"] == pytest.approx(worth)
        assert row["expected_renewals"] == pytest.approx(within)
        assert row["expected_renewals_ever"] is None  # alpha is below 1
