"""The generated page of the API's operations, from what the API says of itself."""

from __future__ import annotations

from typing import Any

from docs.markdown import escaped, page, table


def operations() -> str:
    """Every operation of the API, with what it takes and answers."""
    from zhike.collect.inbox.facts import LIVE
    from zhike.config.api import api
    from zhike.govern.access.rights import Right
    from zhike.operate.webhooks.models import Event

    schema: dict[str, Any] = api.get_openapi_schema(path_prefix="/api/v1/")
    rows = [
        [f"`{method.upper()} {path}`", escaped(operation["description"].strip().split("\n")[0]), _answers(operation)]
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]
    facts = [[f"`{name}`", contract.grain, _required(contract)] for name, contract in LIVE.items()]
    return page(
        "API",
        "How to: [use the API](../how-to/use-the-api.md). A server describes every field at `/api/v1/docs` and in "
        "`/api/v1/openapi.json`.",
        table(["", "does", "answers"], rows),
        "A problem is answered as `message`, `where`, `advice` and `faults`, a list of places and messages: 400 cannot "
        "be read, 401 without a valid token, 403 without the right, 404 not there, 409 in other hands, 413 too large, "
        "422 not as documented or not possible, 429 too often (see `Retry-After`), 503 not computed yet or no room.",
        "## Facts",
        table(["entity", "one fact is", "required"], facts),
        "All columns: [entities](entities.md). Instants carry an offset, as in `2026-05-01T10:00:00+08:00`.",
        "## Rights",
        table(["right", "lets a token"], [[f"`{right.value}`", str(right.label)] for right in Right]),
        "## Events of webhooks",
        ", ".join(f"`{event.value}`" for event in Event) + ".",
    )


def _required(contract: Any) -> str:
    return ", ".join(f"`{c.name}`" for c in contract if c.required and c.default is None and c.name != "source")


def _answers(operation: dict[str, Any]) -> str:
    return ", ".join(str(status) for status in operation["responses"])
