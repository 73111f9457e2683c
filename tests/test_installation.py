"""The settings of an installation."""

from __future__ import annotations

from pathlib import Path

import pytest

from zhike.errors import UserError
from zhike.installation import SETTINGS, parse_size, read_installation


def test_defaults_keep_everything_in_the_home(tmp_path: Path) -> None:
    installation = read_installation({"ZHIKE_HOME": str(tmp_path)})
    assert installation.is_embedded
    assert installation.warehouse == f"file://{tmp_path}/warehouse"
    assert installation.catalog_uri == f"sqlite:///{tmp_path}/catalog.db"


def test_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "zhike.toml").write_text('currency = "GBP"\ntime_zone = "Europe/London"\n')
    installation = read_installation({"ZHIKE_HOME": str(tmp_path), "ZHIKE_CURRENCY": "EUR"})
    assert (installation.currency, installation.time_zone) == ("EUR", "Europe/London")


def test_unknown_setting_in_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "zhike.toml").write_text('curency = "GBP"\n')
    with pytest.raises(UserError, match="unknown setting 'curency'"):
        read_installation({"ZHIKE_HOME": str(tmp_path)})


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("ZHIKE_TIME_ZONE", "Mars/Olympus", "no time zone"),
        ("ZHIKE_CURRENCY", "yuan", "ISO 4217"),
        ("ZHIKE_THREADS", "two", "no whole number"),
        ("ZHIKE_LINE_LIMIT", "wide", "no size"),
        ("ZHIKE_WAREHOUSE", "ftp://somewhere", "cannot keep a warehouse"),
        ("ZHIKE_LOG_LEVEL", "LOUD", "no log level"),
        ("ZHIKE_API_RATE", "many", "no rate"),
        ("ZHIKE_API_RATE", "0/m", "no rate"),
        ("ZHIKE_RFM_WINDOW", "-1", "less than 0"),
        ("ZHIKE_RFM_BANDS", "30,90,180,365", "three times four ascending numbers"),
        ("ZHIKE_RFM_BANDS", "30,90,180,365; 1,2,2,9; 1,2,3,4", "three times four ascending numbers"),
        ("ZHIKE_RFM_BANDS", "30,90,180,inf; 1,2,3,9; 1,2,3,4", "three times four ascending numbers"),
        ("ZHIKE_WEBHOOK_PRIVATE_ADDRESSES", "maybe", "neither yes nor no"),
    ],
)
def test_a_bad_value_is_said_with_its_setting(tmp_path: Path, variable: str, value: str, says: str) -> None:
    with pytest.raises(UserError, match=says) as error:
        read_installation({"ZHIKE_HOME": str(tmp_path), variable: value})
    assert error.value.where == variable


def test_bands_of_rfm_are_days_orders_and_money(tmp_path: Path) -> None:
    said = {"ZHIKE_HOME": str(tmp_path), "ZHIKE_RFM_BANDS": "30,90,180,365; 1,2,4,9; 100,500,2000,10000.5"}
    assert read_installation(said).rfm_bands == ((30, 90, 180, 365), (1, 2, 4, 9), (100, 500, 2000, 10000.5))
    assert read_installation({"ZHIKE_HOME": str(tmp_path)}).rfm_bands == ()


def test_sizes_are_decimal() -> None:
    assert parse_size("line_limit", "16MB") == 16_000_000
    assert parse_size("line_limit", "1.5GB") == 1_500_000_000
    assert parse_size("line_limit", "512") == 512


def test_every_setting_has_a_default_that_can_be_read(tmp_path: Path) -> None:
    installation = read_installation({"ZHIKE_HOME": str(tmp_path)})
    assert {setting.name for setting in SETTINGS} == set(vars(installation))
