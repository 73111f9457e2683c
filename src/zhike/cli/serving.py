"""The command that serves pages and API."""

from __future__ import annotations

from typing import Annotated

import typer

from zhike.cli.output import people, start

Port = Annotated[int, typer.Option(help="Port to listen on.")]


def add_commands(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    app.command("serve")(serve)


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for all of this machine.")] = "127.0.0.1",
    port: Port = 8000,
    processes: Annotated[int, typer.Option(help="Server processes; 0: one for each core.")] = 0,
    worker: Annotated[bool, typer.Option("--worker/--no-worker", help="Carry out background work too.")] = True,
) -> None:
    """Serve the pages and the API until interrupted."""
    start()
    serve_pages(host=host, port=port, processes=processes, with_worker=worker)


def serve_pages(*, host: str, port: int, processes: int = 0, with_worker: bool = True) -> None:
    """Serves until interrupted, and says where."""
    from zhike.config.serving import serve_until_stopped

    people.print(f"Zhike is served at http://{host}:{port} – Ctrl-C stops it.")
    serve_until_stopped(host=host, port=port, processes=processes, with_worker=with_worker)
