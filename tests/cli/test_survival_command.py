"""`zhike survival`: published numbers from the real file, what it prints, and what it refuses."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from zhike.cli.output import plain
from zhike.cli.retention import _document, _for_people
from zhike.understand.retention.survival import survival_of_file

Zhike = Callable[..., CompletedProcess[str]]

# Freireich et al. (1963), remission of leukaemia in weeks, as an analyst has it.
WEEKS = {
    "drug": "6 6 6 7 10 13 16 22 23 6+ 9+ 10+ 11+ 17+ 19+ 20+ 25+ 32+ 32+ 34+ 35+",
    "安慰剂": "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23",
}


@pytest.fixture
def weeks(tmp_path: Path) -> Path:
    path = tmp_path / "weeks.csv"
    rows = [
        (group, week.strip("+"), "no" if "+" in week else "YES") for group in WEEKS for week in WEEKS[group].split()
    ]
    path.write_text("\ufeffgroup,weeks,relapse\n" + "".join(",".join(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def telco(shared_data: Path) -> Path:
    return shared_data / "telco_churn_ibm" / "Telco-Customer-Churn.csv.gz"


def answered(done: CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    assert "NaN" not in done.stdout
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def test_the_curve_of_the_telecom_is_as_published(zhike: Zhike, telco: Path) -> None:
    """reference.md: S(12/24/72) = .8432/.7887/.5928; the source of the data adds S(60) = .6644, median not reached."""
    done = zhike(
        "survival", telco, "--duration", "tenure", "--event", "Churn", "--at", "12,24,60", "--at", "72", "--json"
    )
    found = answered(done)
    published = {12: 0.8432, 24: 0.7887, 60: 0.6644, 72: 0.5928}
    assert {point["time"]: round(point["survival"], 4) for point in found["at"]} == published
    assert {
        point["time"]: round(point["survival"], 4) for point in found["survival"] if point["time"] in published
    } == (published)
    assert (found["customers"], found["events"], found["median"], found["logrank"]) == (7043, 1869, None, None)
    assert [point["time"] for point in found["survival"]] == list(range(73))
    assert set(found["survival"][0]) == {"time", "survival", "lower", "upper", "at_risk", "events"}
    assert found["survival"][0]["at_risk"] == 7043
    assert found["survival"][1]["at_risk"] == 7032  # eleven had not completed a month
    assert sum(point["events"] for point in found["survival"]) == 1869


def test_monthly_contracts_with_internet_have_the_published_median(zhike: Zhike, telco: Path, tmp_path: Path) -> None:
    """reference.md: 3,351 customers, 1,556 events, median 34. They settle after less than half a year."""
    with gzip.open(telco, "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    kept = [row for row in rows if row["Contract"] == "Month-to-month" and row["InternetService"] != "No"]
    path = tmp_path / "monthly.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        written = csv.DictWriter(out, ["tenure", "Churn"], extrasaction="ignore")
        written.writeheader()
        written.writerows(kept)
    found = answered(zhike("survival", path, "--duration", "tenure", "--event", "Churn", "--json"))
    assert (found["customers"], found["events"], found["median"]) == (3351, 1556, 34)
    assert found["median_interval"] == [31, 37]
    assert (found["habit"]["verdict"], found["habit"]["since"], found["habit"]["interval"]) == ("flattens", 5, [5, 6])
    assert found["habit"]["until"] == 63  # of the few who were seen longer more leave again


def test_contracts_are_compared_as_published(zhike: Zhike, telco: Path) -> None:
    """The source of the data: log-rank χ² 2352.873 between the three kinds of contract."""
    done = zhike("survival", telco, "--duration", "tenure", "--event", "Churn", "--by", "Contract", "--json")
    found = answered(done)
    assert round(found["logrank"]["statistic"], 3) == 2352.873
    assert (found["logrank"]["degrees"], found["logrank"]["p"]) == (2, 0)
    assert found["median"] == {"Month-to-month": 35, "One year": None, "Two year": None}
    assert list(found["survival"]) == ["Month-to-month", "One year", "Two year"]
    assert found["habit"]["One year"]["verdict"] == "rises"
    assert found["proportional_hazards"]["p"] < 1e-20
    assert "not proportional" in found["warning"]
    assert found["warning"] in done.stderr


def test_groups_are_compared_as_in_the_textbooks(zhike: Zhike, weeks: Path) -> None:
    """SAS: χ² 16.7929; medians 23 (13, –) and 8 (4, 11)."""
    found = answered(zhike("survival", weeks, "--duration", "weeks", "--event", "relapse", "--by", "group", "--json"))
    assert round(found["logrank"]["statistic"], 4) == 16.7929
    assert found["logrank"]["p"] == pytest.approx(4.17e-5, rel=1e-3)
    assert found["median"] == {"drug": 23, "安慰剂": 8}
    assert found["median_interval"] == {"drug": [13, None], "安慰剂": [4, 11]}
    assert found["restricted_mean"]["安慰剂"]["horizon"] == 23
    assert found["restricted_mean"]["安慰剂"]["mean"] == pytest.approx(182 / 21)
    assert found["survival"]["drug"][0] == {
        "time": 0,
        "survival": 1,
        "lower": 1,
        "upper": 1,
        "at_risk": 21,
        "events": 0,
    }
    assert found["proportional_hazards"]["p"] > 0.5
    assert "warning" not in found


def test_people_read_shares_medians_and_the_test(zhike: Zhike, weeks: Path) -> None:
    arguments = ("--duration", "weeks", "--event", "relapse", "--by", "group")
    done = zhike("survival", weeks, *arguments, "--at", "10, 30", "--level", "0.9")
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["drug", "10", "75.3%", "55.1%", "87.4%", "15", "5"] in lines
    assert ["安慰剂", "30", "0.0%", "0.0%", "6.2%", "0", "21"] in lines  # all had left before
    assert any(line[:5] == ["drug", "21", "9", "23", "13"] for line in lines)
    assert "Log-rank test: χ² = 16.793, degrees of freedom 1, p < 0.0001" in done.stdout
    assert "90% sure" in done.stdout
    alone = zhike("survival", weeks, "--duration", "weeks", "--event", "relapse")
    assert alone.returncode == 0, alone.stderr
    assert "Log-rank" not in alone.stdout
    shown = [line.split()[0] for line in alone.stdout.splitlines()[1:8]]
    assert shown == ["5", "10", "15", "20", "25", "30", "35"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--duration", "week"], "--duration: the file has no column 'week'"),
        (["--duration", "weeks", "--at", "6;12"], "--at: '6;12' is no duration"),
        (["--duration", "weeks", "--at", "-1"], "--at: '-1' is no duration"),
    ],
)
def test_a_mistake_is_said_in_words(zhike: Zhike, weeks: Path, options: list[str], message: str) -> None:
    done = zhike("survival", weeks, "--event", "relapse", *options, "--json")
    assert done.returncode == 1, done.stdout
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_groups_without_anybody_leaving_and_without_a_name_are_shown(zhike: Zhike, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("e,[/t],g\n0,1,10\n0,2,9\n0,3,\n0,3,[/red]\n")
    arguments = (path, "--duration", "[/t]", "--event", "e", "--by", "g")
    found = answered(zhike("survival", *arguments, "--json"))
    assert list(found["median"]) == ["9", "10", "[/red]", ""]
    assert found["logrank"] is None
    shown = zhike("survival", *arguments).stdout
    assert "no two groups that could be seen to leave" in shown
    assert "[/red]" in shown  # and is not taken for a colour


ODD = {
    "one who left": [(5, True)],
    "one who stayed": [(5, False)],
    "nobody for any time": [(0, False), (0, False)],
    "all at once": [(0, True), (0, True)],
    "tiny durations": [(1e-5, True), (2e-5, True)],
    "huge durations": [(1e308, True), (1e300, False), (3, True)],
}


@pytest.mark.parametrize("what", ODD)
def test_an_odd_file_is_answered_without_a_number_that_is_none(
    what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "file.parquet"
    times, left = zip(*ODD[what], strict=True)
    pq.write_table(pa.table({"t": pa.array(times, pa.float64()), "e": left}), path)
    found = survival_of_file(path, duration="t", event="e")
    told = json.dumps(_document(found, [0.0, 4.0], is_grouped=False), default=plain, allow_nan=False)
    assert json.loads(told)["customers"] == len(times)
    _for_people(found, [], "t", None)
    assert "nan" not in capsys.readouterr().out
