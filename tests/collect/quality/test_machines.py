"""Data quality for programs: the API, and the commands."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from django.test import Client
from tests.conftest import Run

from zhike.collect.quality.queries import board
from zhike.govern.access.rights import Right
from zhike.govern.access.services import issue_token
from zhike.warehouse.services import run_refresh


@pytest.mark.django_db
@pytest.mark.usefixtures("company")
def test_a_program_reads_the_board_plans_a_review_and_says_what_was_found() -> None:
    _token, secret = issue_token(name="test", rights=Right)
    client = Client(headers={"Authorization": f"Bearer {secret}"})

    def ask(method: str, address: str, body: object = None) -> tuple[int, object]:
        answer = client.generic(method, f"/api/v1{address}", json.dumps(body) if body else "", "application/json")
        return answer.status_code, answer.json()

    status, found = ask("GET", "/quality?unit=north")
    assert status == 200
    assert isinstance(found, dict)
    assert {kpi["dimension"] for kpi in found["kpis"]} == {kpi.dimension for kpi in board().kpis}
    status, groups = ask("GET", "/quality/by/source")
    assert isinstance(groups, list)
    assert sum(one["customers"] for one in groups) == board().customers
    for by in ("unit", "channel", "agent"):
        assert ask("GET", f"/quality/by/{by}?source=hr")[0] == 200
    assert ask("GET", "/quality/by/colour")[0] == 422
    assert len(ask("GET", "/quality/trend")[1]) == 1  # type: ignore[arg-type]
    rule = {"title": "VIPs", "dimension": "freshness", "good": "city is known", "seen": None}
    status, kept = ask("PUT", "/quality/rules/vip", rule)
    assert (status, kept["failing"]) == (200, "city is unknown")  # type: ignore[index]
    assert ask("PUT", "/quality/rules/vip", {**rule, "good": "citty is known"})[0] == 422
    assert ask("DELETE", "/quality/rules/vip")[1]["is_retired"]  # type: ignore[index]
    assert ask("GET", "/quality/rules/none")[0] == 404
    status, planned = ask("POST", "/quality/reviews", {"name": "Spring", "fields": ["phone"], "size": 8})
    assert (status, planned["customers"]) == (201, 8)  # type: ignore[index]
    review = f"/quality/reviews/{planned['review_id']}"  # type: ignore[index]
    items = ask("GET", f"{review}/items?limit=2")[1]
    assert isinstance(items, list)
    said = {"findings": {"phone": {"verdict": "unclear"}}}
    assert ask("POST", f"/quality/items/{items[0]['item_id']}", said)[0] == 200
    assert ask("POST", f"/quality/items/{items[0]['item_id']}", said)[0] == 409
    assert ask("GET", review)[1]["done"] == 1  # type: ignore[index]
    assert ask("POST", f"{review}/close")[1]["state"] == "closed"  # type: ignore[index]
    assert ask("GET", "/quality/reviews")[1][0]["done"] == 1  # type: ignore[index]
    assert ask("GET", "/quality/departed")[0] == 200


@pytest.mark.usefixtures("home")
def test_a_firm_without_customers_has_an_empty_board(browser: Client) -> None:
    run_refresh(as_of=date(2026, 6, 1))
    for address in ("/quality/", "/quality/rules/", "/quality/rules/city_stated/", "/quality/departed/"):
        assert browser.get(address).status_code == 200


def test_commands_say_what_to_do_first_and_take_rules_from_a_file(zhike: Run, tmp_path: Path) -> None:
    early = zhike("quality", "board")
    assert early.returncode == 1
    assert "zhike refresh" in early.stderr
    rules = tmp_path / "rules.yaml"
    assert zhike("quality", "rules", "export", rules, "--rule", "email_stated").returncode == 0
    rules.write_text(rules.read_text().replace("email_stated", "mail_known"))
    done = json.loads(zhike("quality", "rules", "import", rules, "--json").stdout)
    assert done["added"] == ["mail_known"]
    shown = json.loads(zhike("quality", "rules", "show", "mail_known", "--json").stdout)
    assert shown["failing"] == 'not email_quality != "missing"'
