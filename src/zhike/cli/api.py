"""Commands for what machines use: tokens of the API, and webhooks."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from zhike.cli.output import Json, people, show, start, table


def add_commands(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    tokens = typer.Typer(help="Tokens that machines use the API with.", no_args_is_help=True)
    tokens.command("list")(tokens_list)
    tokens.command("issue")(tokens_issue)
    tokens.command("revoke")(tokens_revoke)
    app.add_typer(tokens, name="tokens")
    webhooks = typer.Typer(help="Addresses that are told what happens here.", no_args_is_help=True)
    webhooks.command("list")(webhooks_list)
    webhooks.command("add")(webhooks_add)
    webhooks.command("remove")(webhooks_remove)
    app.add_typer(webhooks, name="webhooks")


def tokens_list(as_json: Json = False) -> None:
    """List the tokens, newest first; never their secrets."""
    start()
    from zhike.govern.access.queries import list_tokens

    found = [asdict(token) for token in list_tokens()]
    columns = ["token_id", "name", "prefix", "state", "rights", "expires_at", "last_used_on"]
    show(
        {"tokens": found},
        as_json=as_json,
        otherwise=lambda: table("", columns, [[_cell(row[name]) for name in columns] for row in found]),
    )


def tokens_issue(
    name: Annotated[str, typer.Argument(help="Who uses it, such as web-shop.")],
    right: Annotated[list[str], typer.Option("--right", help="What it may do; give it once for each right.")],
    days: Annotated[int, typer.Option(help="How long it is valid.")] = 90,
    as_json: Json = False,
) -> None:
    """Issue a token and show its secret, which is not kept."""
    start()
    from zhike.errors import UserError
    from zhike.govern.access.rights import Right
    from zhike.govern.access.services import issue_token

    unknown = [given for given in right if given not in Right.values]
    if unknown:
        raise UserError(
            f"there is no right {unknown[0]!r}", where="--right", advice=f"Choose some of {', '.join(Right.values)}."
        )
    token, secret = issue_token(name=name, rights=[Right(given) for given in right], days=days)
    show(
        {"token_id": token.pk, "secret": secret, "expires_at": token.expires_at},
        as_json=as_json,
        otherwise=lambda: people.print(f"{secret}\nToken {token.pk}. Keep the secret now; it is not shown again."),
    )


def tokens_revoke(
    token_id: Annotated[int, typer.Argument(help="Number of the token.")],
    as_json: Json = False,
) -> None:
    """Revoke a token: it opens nothing from now on."""
    start()
    from zhike.govern.access.services import revoke_token

    token = revoke_token(token_id)
    show(
        {"token_id": token.pk, "revoked_at": token.revoked_at},
        as_json=as_json,
        otherwise=lambda: people.print(f"Token {token.pk} ({token.name}) is revoked."),
    )


def webhooks_list(as_json: Json = False) -> None:
    """List the webhooks and what became of their messages."""
    start()
    from zhike.operate.webhooks.queries import list_webhooks

    found = [asdict(webhook) for webhook in list_webhooks()]
    columns = ["webhook_id", "url", "events", "is_active", "pending", "delivered", "given_up"]
    show(
        {"webhooks": found},
        as_json=as_json,
        otherwise=lambda: table("", columns, [[_cell(row[name]) for name in columns] for row in found]),
    )


def webhooks_add(
    url: Annotated[str, typer.Argument(help="Address to call, http:// or https://.")],
    event: Annotated[list[str], typer.Option("--event", help="What it is told; give it once for each event.")],
    as_json: Json = False,
) -> None:
    """Add a webhook and show the secret that its messages are signed with."""
    start()
    from zhike.operate.webhooks.services import add_webhook

    webhook = add_webhook(url=url, events=event)
    show(
        {"webhook_id": webhook.pk, "secret": webhook.secret},
        as_json=as_json,
        otherwise=lambda: people.print(f"{webhook.secret}\nWebhook {webhook.pk}. Give the secret to the receiver."),
    )


def webhooks_remove(
    webhook_id: Annotated[int, typer.Argument(help="Number of the webhook.")],
    as_json: Json = False,
) -> None:
    """Remove a webhook, with what it was still to be told."""
    start()
    from zhike.operate.webhooks.services import remove_webhook

    remove_webhook(webhook_id=webhook_id)
    show(
        {"webhook_id": webhook_id},
        as_json=as_json,
        otherwise=lambda: people.print(f"Webhook {webhook_id} is removed."),
    )


def _cell(value: object) -> object:
    return ", ".join(value) if isinstance(value, tuple) else value
