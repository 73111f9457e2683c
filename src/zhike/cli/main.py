"""The program `zhike`: its commands, and what every outcome exits with."""

from __future__ import annotations

import logging
import os
import signal
import sys

import typer

# Typer carries its own copy of Click; a usage error has no public name there.
from typer._click.exceptions import ClickException

from zhike.cli import (
    affinity,
    api,
    audiences,
    customers,
    data,
    demo,
    home,
    identity,
    ltv,
    migration,
    offers,
    propensity,
    quality,
    retention,
    serving,
    tags,
    value,
    work,
)
from zhike.cli.output import aside
from zhike.errors import UserError

DONE, USER_ERROR, USAGE_ERROR, INTERRUPTED, BUG = range(5)

app = typer.Typer(
    name="zhike",
    help="Zhike 知客: customer marketing that proves what an approach earned.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
CUSTOMERS = (customers, identity, quality)
INSIGHT = (value, ltv, affinity, offers, retention, migration, propensity, tags, audiences)
for module in (home, demo, serving, data, work, *CUSTOMERS, *INSIGHT, api):
    module.add_commands(app)


def main() -> None:
    """Runs one command; exits 0 done, 1 a user's mistake, 2 wrong usage, 3 interrupted, 4 a bug."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhike.config.settings")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        code = app(standalone_mode=False)
    except UserError as error:
        print(error, file=sys.stderr)
        sys.exit(USER_ERROR)
    except ClickException as error:
        error.show()
        sys.exit(USAGE_ERROR)
    except typer.Abort:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output has had enough, as `| head` does; nothing to tell it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(DONE)
    except Exception as error:
        logging.getLogger("zhike").exception("bug")
        _report_bug(error)
        sys.exit(BUG)
    sys.exit(code if isinstance(code, int) else DONE)


def _interrupt(_signal: int, _frame: object) -> None:
    """Ends the process at once: whatever it does can be killed at any moment.

    An exception would not arrive: DuckDB, the queue's worker and Typer each turn it into
    something else, and threads that still read would crash the interpreter on its way out.
    """
    aside.show_cursor()
    print("Interrupted; the same command continues.", file=sys.stderr, flush=True)
    os._exit(INTERRUPTED)


def _report_bug(error: Exception) -> None:
    # Only the kind of error: its text may hold a customer's data.
    print(
        f"Zhike has a bug: {type(error).__name__}. Nothing was lost; `logs` in the home says where it happened.\n"
        "Please report it, with the command and the log's last entry.",
        file=sys.stderr,
    )
