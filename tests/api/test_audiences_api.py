"""Audiences over HTTP: asked, saved, compared, frozen, taken away."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests.api.conftest import Machine

from zhike.collect.sources.services import import_file
from zhike.govern.access.rights import Right
from zhike.warehouse.services import run_refresh

Machines = Callable[..., Machine]
RECORDS = "customer_key,name,phone,city\n" + "".join(
    f"k{n},王小{n},138001380{n:02},{('Hangzhou', 'Leeds')[n % 2]}\n" for n in range(12)
)
ORDERS = "order_id,customer_key,ordered_at,amount\n" + "".join(
    f"o{n}-{again},k{n},2026-0{n % 5 + 1}-15,{n + 1}0\n" for n in range(12) for again in range(n % 3 + 1)
)


@pytest.fixture
def customers(machine: Machines, tmp_path: Path) -> Machines:
    for entity, text in (("source_records", RECORDS), ("orders", ORDERS)):
        path = tmp_path / f"{entity}.csv"
        path.write_text(text)
        import_file(path, entity=entity, source="core")
    run_refresh(as_of=date(2026, 6, 1))
    return machine


def answered(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.content
    return answer.json()


def test_an_audience_from_its_rule_to_its_file(customers: Machines, caplog: pytest.LogCaptureFixture) -> None:
    """All in one, since the data is computed once."""
    actor = customers()
    rule = 'city = "Leeds" and order_count >= 2'
    counted = answered(actor.post("/audiences/count", {"rule": rule}))
    assert (counted["count"], counted["customers"]) == (4, 12)
    explained = answered(actor.post("/audiences/explain", {"rule": rule}))
    assert [(step["text"], step["alone"], step["so_far"], step["without"]) for step in explained["steps"]] == [
        ('city = "Leeds"', 6, 6, 8),
        ("order_count >= 2", 8, 4, 6),
    ]
    assert explained["steps"][1]["path"] == ["of", 1]
    wrong = answered(actor.post("/audiences/count", {"rule": "citi = 1"}), 422)
    assert (wrong["where"], "city" in wrong["advice"]) == ("character 1", True)

    saved = answered(actor.post("/audiences", {"name": "Leeds", "rule": rule, "note": "n"}), 201)
    path = f"/audiences/{saved['audience_id']}"
    _overtaken(actor, path, saved)
    assert (saved["rule"], saved["count"], saved["kind"], saved["frozen"]) == (rule, 4, "live", None)
    assert answered(actor.post("/audiences", {"name": "Leeds", "rule": rule}), 422)["where"] == "name"
    changed = answered(actor.patch(path, {"rule": 'city = "Leeds"', "name": "All of Leeds"}))
    assert (changed["name"], changed["count"], changed["note"]) == ("All of Leeds", 6, "n")
    assert answered(actor.get(path)) == changed
    assert answered(actor.get("/audiences/999"), 404)["message"] == "there is no audience 999"

    frozen = answered(actor.post("/audiences/freeze", {"rule": 'in audience "All of Leeds"', "name": "F"}), 201)
    assert frozen["count"] == 6
    assert answered(actor.get(f"/audiences/{frozen['audience_id']}"))["frozen"]["size"] == 6
    beside = answered(actor.get(f"/audiences/{frozen['audience_id']}/compare"))
    assert (beside["stayed"], beside["joined"], beside["left"]) == (6, 0, 0)
    parts = answered(
        actor.post("/audiences/split", {"rule": "order_count > 0", "name": "S", "shares": {"a": 1, "b": 1}}), 201
    )
    assert sum(part["count"] for part in parts) == 12
    cities = answered(
        actor.post("/audiences/split", {"rule": "order_count > 0", "name": "C", "by": "attribute:city"}), 201
    )
    assert [(part["name"], part["count"]) for part in cities] == [("C: Hangzhou", 6), ("C: Leeds", 6)]
    drawn = answered(actor.post("/audiences/sample", {"rule": "order_count > 0", "size": 3, "columns": ["city"]}))
    assert (len(drawn["rows"]), drawn["total"]) == (3, 12)
    kept = answered(actor.post("/audiences/freeze-sample", {"rule": "order_count > 0", "size": 3, "name": "T"}), 201)
    assert kept["count"] == 3
    alike = answered(actor.post("/audiences/lookalikes", {"rule": 'city = "Leeds"', "size": 2, "name": "L"}))
    assert (alike["count"], alike["separation"]) == (2, None)
    assert answered(actor.get(f"/audiences/{alike['audience_id']}"))["count"] == 2
    assert len(answered(actor.get("/audiences"))) == 8

    overlap = answered(actor.post("/audiences/overlap", {"audiences": ["All of Leeds", "C: Hangzhou"]}))
    assert [(part["audiences"], part["count"]) for part in overlap["parts"]] == [
        (["All of Leeds"], 6),
        (["C: Hangzhou"], 6),
    ]
    combined = actor.post("/audiences/combine?how=difference", {"audiences": ["C: Leeds", "S: a"]})
    assert answered(combined)["rule"] == 'in audience "C: Leeds" and not in audience "S: a"'
    profile = answered(actor.post("/audiences/profile", {"rule": 'city = "Leeds"'}))
    assert (profile["size"], profile["other_size"], profile["findings"][0]["name"]) == (6, 6, "city")
    assert [one["size"] for one in answered(actor.get(f"{path}/history"))] == [6]
    moved = answered(actor.get(f"{path}/changes", earlier=1))
    assert (moved["before"], moved["after"], moved["earlier_as_of"]) == (6, 6, "2026-06-01")
    assert answered(actor.get(f"{path}/moved", earlier=1, who="left"))["total"] == 0
    assert answered(actor.get(f"/audiences/{frozen['audience_id']}/moved"))["rows"] == []
    assert actor.get(f"{path}/moved").status_code in (404, 422)
    assert actor.get(f"{path}/changes", earlier=77).status_code in (404, 422)

    with caplog.at_level("INFO", "zhike.audiences"):
        page = answered(actor.post("/audiences/members", {"rule": "order_count > 0", "limit": 5, "columns": ["name"]}))
    (told,) = [record for record in caplog.records if record.message == "audience exported"]
    said = {name: getattr(told, name) for name in ("kind", "rows", "by")}
    assert said == {"kind": "page", "rows": 5, "by": "token"}
    assert (len(told.rule), "order_count" in told.rule) == (64, False)  # type: ignore[attr-defined]
    assert ([row["customer_id"] for row in page["rows"]], page["next"]) == ([0, 1, 2, 3, 4], 4)
    rest = answered(actor.post("/audiences/members", {"rule": "order_count > 0", "after": 4}))
    assert (len(rest["rows"]), rest["next"]) == (7, None)
    file = actor.post("/audiences/export", {"rule": 'city = "Leeds"', "columns": ["name", "city"]})
    assert (file.status_code, file["Content-Type"]) == (200, "text/csv; charset=utf-8")
    text = b"".join(file.streaming_content).decode("utf-8-sig")
    assert text.splitlines()[:2] == ['"customer_id","name","city"', '1,"王小1","Leeds"']
    parquet = actor.post("/audiences/export", {"rule": 'city = "Leeds"', "kind": "parquet"})
    assert pq.read_table(io.BytesIO(b"".join(parquet.streaming_content))).num_rows == 6
    answered(actor.patch(path, {"is_archived": True}))
    assert [one["name"] for one in answered(actor.get("/audiences", archived=True))] == ["All of Leeds"]

    masked = customers(Right.SEE_CUSTOMERS, Right.EXPORT)
    said = b"".join(masked.post("/audiences/export", {"rule": 'city = "Leeds"'}).streaming_content).decode()
    assert "王小" not in said
    assert "王•••" in said
    assert answered(masked.post("/audiences/count", {"rule": 'name = "王小1"'}), 422)["where"] == "character 1"
    _denied(customers)


def _overtaken(actor: Machine, path: str, saved: dict[str, Any]) -> None:
    """Who changes what somebody else changed meanwhile is told; who says nothing of what they saw is not."""
    assert saved["revision"] == 1
    changed = answered(actor.patch(path, {"rule": "order_count = 1", "seen": 1}))
    assert changed["revision"] == 2
    told = answered(actor.patch(path, {"rule": "order_count = 2", "seen": 1}), 409)
    assert (told["message"], bool(told["advice"])) == ("the audience “Leeds” was changed meanwhile", True)
    for stale in ({"name": "x"}, {"note": "x"}, {"is_archived": True}):
        answered(actor.patch(path, {**stale, "seen": 1}), 409)
    assert answered(actor.get(path)) == changed
    assert [one["revision"] for one in answered(actor.get("/audiences"))] == [2]
    answered(actor.patch(path, {"rule": saved["rule"], "note": "n", "seen": 2}))


def _denied(customers: Machines) -> None:
    reader, definer = customers(Right.SEE_CUSTOMERS), customers(Right.DEFINE_AUDIENCES)
    rule = {"rule": "order_count > 0"}
    for path in ("members", "export"):
        answered(reader.post(f"/audiences/{path}", rule), 403)
    for path, more in (
        ("", {}),
        ("/freeze", {}),
        ("/split", {"by": "attribute:city"}),
        ("/freeze-sample", {"size": 1}),
    ):
        answered(reader.post(f"/audiences{path}", {**rule, "name": "x", **more}), 403)
    answered(reader.post("/audiences/lookalikes", {"rule": 'city = "Leeds"', "size": 1, "name": "x"}), 403)
    for path in ("count", "explain", "profile", "sample"):
        answered(definer.post(f"/audiences/{path}", rule), 403)
    answered(definer.get("/audiences"), 403)
    some = customers().get("/audiences").json()[0]["audience_id"]
    answered(reader.get(f"/audiences/{some}/moved", earlier=1), 403)
    answered(definer.post("/audiences/overlap", {"audiences": ["C: Leeds"]}), 403)


def test_before_the_first_refresh_rules_are_kept_but_not_counted(machine: Machines) -> None:
    actor = machine()
    saved = answered(actor.post("/audiences", {"name": "Old", "rule": "age > 60"}), 201)
    assert (saved["count"], "nothing has been computed yet" in saved["problem"]) == (None, True)
    assert answered(actor.post("/audiences/count", {"rule": "age > 60"}), 503)["advice"]
    assert answered(actor.post("/audiences/freeze", {"rule": "age > 60", "name": "x"}), 503)["advice"]
