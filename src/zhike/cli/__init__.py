"""The command line: parse → one service call → print."""

from zhike.cli.main import main

__all__ = ["main"]
