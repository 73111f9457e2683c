"""Who will do something, of a plain file: published numbers, what speaks against a model, and what is refused."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from zhike.errors import UserError
from zhike.understand.propensity.files import Asked, rows_of_file
from zhike.understand.propensity.judging import Fitted
from zhike.understand.propensity.learning import ModelName
from zhike.understand.propensity.scoring import Recipe, fit_file, score_file, table_of

ASKED = Asked("left", name="id")


def company(folder: Path, more: dict[str, list[object]] | None = None, *, rows: int = 1200) -> Path:
    """Customers who leave the likelier the longer they are silent, and in the basic plan."""
    drawn = np.random.default_rng(3)
    silence, plan = drawn.integers(0, 100, rows), drawn.choice(["basic", "金卡"], rows)
    chance = 1 / (1 + np.exp(-(silence / 25 - 4 + 1.5 * (plan == "basic"))))
    left = drawn.random(rows) < chance
    columns: dict[str, list[object]] = {
        "id": [f"c{place}" for place in range(rows)],
        "silence": list(silence),
        "plan": list(plan),
        "left": ["yes" if one else "no" for one in left],
        "day": [f"2026-{1 + place * 12 // rows:02}-01" for place in range(rows)],
        **(more or {}),
    }
    path = folder / "company.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file, delimiter=";")
        out.writerow(columns)
        out.writerows(zip(*columns.values(), strict=True))
    return path


def doubts_of(fitted: Fitted) -> dict[str, tuple[str, ...]]:
    assert all("%(" not in one.text for one in fitted.doubts)
    return {one.kind: one.columns for one in fitted.doubts}


@pytest.mark.parametrize(("model", "published"), [("logistic", 0.774), ("boosting", 0.803)])
def test_the_bank_is_told_as_well_as_published(shared_data: Path, model: ModelName, published: float) -> None:
    """reference.md: random split, without `duration`."""
    path = shared_data / "bank_marketing" / "bank-full.csv.gz"
    fitted = fit_file(path, Asked("y", leave_out=("duration",)), Recipe(model))
    assert fitted.judged.auc == pytest.approx(published, abs=0.01)
    assert fitted.judged.auc_interval.low < published < fitted.judged.auc_interval.high
    assert fitted.judged.expected == pytest.approx(fitted.split.events_judged_by, rel=0.05)
    off = [abs(one.predicted - one.actual) * one.customers for one in fitted.judged.tenths]
    assert sum(off) / fitted.split.judged_by < 0.015
    assert fitted.judged.brier < 0.82 * fitted.judged.brier_of_share
    assert "uncalibrated" not in doubts_of(fitted)


def test_the_duration_of_the_call_is_asked_about_but_is_no_proven_leak(shared_data: Path) -> None:
    """Alone it has an AUC of .81: strong enough for a question, and below what only the outcome itself reaches."""
    fitted = fit_file(shared_data / "bank_marketing" / "bank-full.csv.gz", Asked("y"), Recipe())
    assert fitted.judged.auc == pytest.approx(0.908, abs=0.01)
    assert doubts_of(fitted)["strong"] == ("duration",)
    assert "leak" not in doubts_of(fitted)
    assert fitted.importances[0].column == "duration"


def test_what_is_known_only_afterwards_is_named(tmp_path: Path) -> None:
    path = company(tmp_path)
    text = path.read_text(encoding="utf-8-sig").splitlines()
    ended = ["left_in_month" if not place else "7" if ";yes;" in line else "" for place, line in enumerate(text)]
    path.write_text("\n".join(f"{line};{more}" for line, more in zip(text, ended, strict=True)), encoding="utf-8")
    assert doubts_of(fit_file(path, ASKED, Recipe()))["leak"] == ("left_in_month",)
    left_out = Asked("left", name="id", leave_out=("left_in_month",))
    assert "leak" not in doubts_of(fit_file(path, left_out, Recipe()))


def test_a_later_time_judges_what_was_learnt_before(tmp_path: Path) -> None:
    path = company(tmp_path)
    days = rows_of_file(path, Asked("left", name="id", time="day")).days
    assert days is not None
    until = np.datetime64("2026-08-01").astype(object)
    fitted = fit_file(path, Asked("left", name="id", time="day", until=until), Recipe())
    assert (fitted.split.kind, fitted.split.learnt_from, fitted.split.judged_by) == ("time", 800, 400)
    assert 0.75 < fitted.judged.auc < 0.95
    assert {"names", "random_split"}.isdisjoint(doubts_of(fitted))


def test_a_random_split_of_days_is_doubted(tmp_path: Path) -> None:
    assert doubts_of(fit_file(company(tmp_path), ASKED, Recipe()))["random_split"] == ("day",)


def test_the_same_seed_draws_the_same_rows(tmp_path: Path) -> None:
    path = company(tmp_path)
    found = [fit_file(path, ASKED, Recipe(seed=seed)).judged.auc for seed in (1, 1, 2)]
    assert found[0] == found[1] != found[2]


def test_columns_that_say_nothing_are_left_out_and_named(tmp_path: Path) -> None:
    rows = 1200
    more: dict[str, list[object]] = {
        "country": ["CN"] * rows,
        "e_mail": [f"{place}@example.com" for place in range(rows)],
        "age": ["unknown" if place == 7 else "" if place == 8 else place % 60 for place in range(rows)],
        "empty": [""] * rows,
    }
    rows_read = rows_of_file(company(tmp_path, more), ASKED)
    assert list(rows_read.features.columns) == ["silence", "plan", "age"]
    assert rows_read.numbers == ("silence", "age")
    assert np.flatnonzero(rows_read.features["age"].isna()).tolist() == [7, 8]
    kinds = [(one.kind, *one.columns) for one in rows_read.doubts]
    assert kinds == [
        ("dates", "day"),
        ("constant", "country"),
        ("names", "e_mail"),
        ("no_numbers", "age"),
        ("constant", "empty"),
    ]


def test_few_events_and_a_group_of_which_all_left_are_doubted(tmp_path: Path) -> None:
    rows = 300
    more: dict[str, list[object]] = {f"x{n}": [(place * (n + 7)) % 13 for place in range(rows)] for n in range(25)}
    path = company(tmp_path, more, rows=rows)
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    lost = [
        lines[0],
        *(line.replace("金卡", "失") if "金卡" in line and ";yes;" in line else line for line in lines[1:]),
    ]
    path.write_text("\n".join(lost), encoding="utf-8")
    found = fit_file(path, ASKED, Recipe())
    assert {"few_events", "separation"} <= set(doubts_of(found))
    assert "plan = 失" in next(one.shown for one in found.doubts if one.kind == "separation")


def test_reasons_of_a_row_add_up_to_its_log_odds(tmp_path: Path) -> None:
    from zhike.understand.propensity.learning import learn
    from zhike.understand.propensity.reasons import effects

    rows = rows_of_file(company(tmp_path), ASKED)
    model = learn(rows.features, rows.numbers, rows.came, name="logistic", seed=0)
    rest = model.raw(rows.features) - effects(model, rows.features, rows.features).sum(axis=1)
    assert np.ptp(rest) < 1e-9
    assert effects(model, rows.features, rows.features).mean(axis=0) == pytest.approx([0, 0], abs=1e-9)


def test_odds_ratios_have_the_intervals_of_a_plain_logistic_regression_where_there_are_many_rows(
    tmp_path: Path,
) -> None:
    import statsmodels.api as sm

    from zhike.understand.propensity.learning import learn
    from zhike.understand.propensity.reasons import odds_of

    rows = rows_of_file(company(tmp_path, rows=6000), ASKED)
    model = learn(rows.features, rows.numbers, rows.came, name="logistic", seed=0)
    found = {one.group or one.column: one for one in odds_of(model, rows.numbers, rows.features)}
    silence = rows.features["silence"].to_numpy()
    plan = np.where(rows.features["plan"] == "basic", 1.0, -1.0)
    given = sm.add_constant(np.column_stack([(silence - silence.mean()) / silence.std(), plan]))
    oracle = np.exp(sm.Logit(rows.came.astype(float), given).fit(disp=0).conf_int())
    for name, place in (("silence", 1), ("basic", 2)):
        assert (found[name].low, found[name].high) == pytest.approx(tuple(oracle[place]), rel=0.01)
    assert found["金卡"].low == pytest.approx(1 / found["basic"].high)


@pytest.mark.parametrize("model", ["logistic", "boosting"])
def test_other_rows_are_scored_with_their_reasons(tmp_path: Path, model: ModelName) -> None:
    new = tmp_path / "new.csv"
    new.write_text("plan,silence,id,more\nbasic,99,A,1\n金卡,0,B,2\n新,,C,3\n", encoding="utf-8")
    scored = score_file(company(tmp_path), new, ASKED, Recipe(model))
    assert scored.names == ["A", "B", "C"]
    assert scored.chances[0] > 0.6 > 0.2 > scored.chances[1]
    assert scored.reasons[0][0].column == "silence"
    assert scored.reasons[0][0].effect > 0 > scored.reasons[1][0].effect
    rows = table_of(scored).to_pylist()
    assert rows[0]["reason_1"] == "silence = 99"
    assert rows[2]["id"] == "C"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("left,x\nyes,1\nno,2\n", "1 of 2 did"),
        ("left,x\n" + "yes,1\nyes,2\n" * 50, "100 of 100 did"),
        ("left,x\nyes,1\n,2\n", "is empty"),
        ("left,x\ngone,1\nno,2\n", "--positive VALUE"),
        ("left,x\nyes,1\nno,1\n", "nothing can be learnt"),
        ("left,x\nyes,1e308\nno,2\n", "too large"),
        ("left\nyes\nno\n", "no column left"),
        ("gone,x\nyes,1\n", "no column 'left'"),
    ],
)
def test_what_cannot_be_learnt_from_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "file.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as error:
        fit_file(path, Asked("left"), Recipe())
    assert said in str(error.value)


def test_a_value_of_the_outcome_may_be_named(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("状态,x\n" + "流失,9\n流失,2\n在,1\n在,3\n" * 50, encoding="utf-8")
    assert fit_file(path, Asked("状态", positive="流失"), Recipe()).split.events_judged_by == 33
    with pytest.raises(UserError, match="no row of column"):
        fit_file(path, Asked("状态", positive="走"), Recipe())


@pytest.mark.parametrize(
    ("asked", "recipe", "where"),
    [
        (Asked("left", time="day"), Recipe(), "--time"),
        (Asked("left"), Recipe(test_share=1.5), "--test-share"),
        (Asked("left", until=np.datetime64("2026-01-01").astype(object)), Recipe(), "--until"),
        (Asked("left", time="plan", until=np.datetime64("2026-01-01").astype(object)), Recipe(), "company.csv"),
    ],
)
def test_options_that_do_not_fit_are_refused(tmp_path: Path, asked: Asked, recipe: Recipe, where: str) -> None:
    with pytest.raises(UserError) as error:
        fit_file(company(tmp_path), asked, recipe)
    assert error.value.where.startswith(where)


def test_a_file_to_score_must_have_the_columns(tmp_path: Path) -> None:
    new = tmp_path / "new.csv"
    new.write_text("plan,id\nbasic,A\n", encoding="utf-8")
    with pytest.raises(UserError, match="no column 'silence'"):
        score_file(company(tmp_path), new, ASKED, Recipe())
