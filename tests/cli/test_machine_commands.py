"""Tokens and webhooks from the command line."""

from __future__ import annotations

import json

from tests.conftest import Run


def test_a_token_is_issued_listed_and_revoked(zhike: Run) -> None:
    issued = json.loads(zhike("tokens", "issue", "till", "--right", "send_facts", "--days", 7, "--json").stdout)
    assert issued["secret"].startswith("zhk_")
    listed = zhike("tokens", "list", "--json").stdout
    assert issued["secret"] not in listed
    (token,) = json.loads(listed)["tokens"]
    assert (token["name"], token["state"], token["rights"]) == ("till", "valid", ["send_facts"])
    assert "is revoked" in zhike("tokens", "revoke", token["token_id"]).stdout
    assert json.loads(zhike("tokens", "list", "--json").stdout)["tokens"][0]["state"] == "revoked"
    refused = zhike("tokens", "issue", "till", "--right", "dance")
    assert (refused.returncode, "see_customers" in refused.stderr) == (1, True)
    assert zhike("tokens", "revoke", 9).returncode == 1


def test_a_webhook_is_added_listed_and_removed(zhike: Run) -> None:
    added = json.loads(zhike("webhooks", "add", "https://example.com/", "--event", "job.failed", "--json").stdout)
    assert added["secret"].startswith("whsec_")
    listed = zhike("webhooks", "list", "--json").stdout
    assert added["secret"] not in listed
    assert json.loads(listed)["webhooks"][0]["events"] == ["job.failed"]
    assert zhike("webhooks", "remove", added["webhook_id"]).returncode == 0
    assert zhike("webhooks", "remove", added["webhook_id"]).returncode == 1
    assert "private network" in zhike("webhooks", "add", "http://10.0.0.1/", "--event", "job.failed").stderr
