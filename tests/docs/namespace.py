"""The Python of one document: reads blocks from stdin, carries each out, answers with what went wrong."""

from __future__ import annotations

import contextlib
import doctest
import io
import json
import sys
import traceback

OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.FAIL_FAST
LONGEST = 4000  # characters of an error that are worth reading


def carry_out(text: str, where: str, names: dict[str, object]) -> str:
    """What went wrong; empty if nothing did."""
    said = io.StringIO()
    if ">>> " not in text:
        try:
            with contextlib.redirect_stdout(said):
                exec(compile(text, where, "exec"), names)
        except Exception:  # noqa: BLE001 - the document's error is the answer
            return said.getvalue() + traceback.format_exc()
        return ""
    parsed = doctest.DocTestParser().get_doctest(text.replace("…", "..."), names, where, where, 0)
    runner = doctest.DocTestRunner(optionflags=OPTIONS)
    runner.run(parsed, out=said.write, clear_globs=False)
    names.update(parsed.globs)
    return said.getvalue() if runner.failures else ""


def main() -> None:
    """One answer line of JSON for every line of JSON."""
    names: dict[str, object] = {"__name__": "__main__"}
    answers = sys.stdout
    for line in sys.stdin:
        block = json.loads(line)
        answers.write(json.dumps(carry_out(block["text"], block["where"], names)[:LONGEST]) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
