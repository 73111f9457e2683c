"""Whatever a file holds: every row is accepted, a duplicate or rejected, and nothing grows beyond its bounds."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

from deliveries import HEADER, Desk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.memory import PRINT_PEAK

from zhike.collect.sources.models import Import

CELLS = st.one_of(
    st.sampled_from(
        ["1", "2", "ann", "2026-01-31", "2026-01-31T10:00Z", "never", "-5", "1e400", "", " ", "NULL", "\u3000"]
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12),
)
ROWS = st.lists(st.lists(CELLS, min_size=1, max_size=6), max_size=12)


@given(rows=ROWS, delimiter=st.sampled_from(",;\t"), end=st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_row_read_is_accepted_a_duplicate_or_rejected(
    desk: Desk, rows: list[list[str]], delimiter: str, end: str
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([HEADER.split(","), *rows])
    source = f"source{Import.objects.count()}"
    before = len(desk.rejects("row_number"))
    result = desk.bring(text.getvalue().encode(), source=source, format={"delimiter": delimiter})
    assert result.read == len(rows)
    assert len(desk.rejects("row_number")) - before == result.rejected
    assert desk.rows("source").count(source) == result.accepted
    again = desk.bring(text.getvalue().encode() + end.encode(), source=source, format={"delimiter": delimiter})
    assert again.accepted == 0


MEASURE = f"""
import sys
from zhike.cli import main
try:
    main()
finally:{textwrap.indent(PRINT_PEAK, "    ")}
"""


def peak_megabytes(folder: Path, size: int) -> int:
    """What an import of so many megabytes takes at most, in a process of its own."""
    file = folder / f"orders{size}.csv"
    padding = "x" * 900
    with file.open("w") as out:
        out.write(HEADER + ",padding\n")
        for number in range(size * 1000):
            out.write(f"{number},ann,2026-01-31,{'bad' if number % 100 == 0 else number},{padding}{number:060}\n")
    command = [sys.executable, "-c", MEASURE, "import", str(file), "--as", "orders", "--source", "shop", "--json"]
    columns = "{order_id: 'no', customer_key: who, ordered_at: day, amount: paid}"
    (folder / "map.yaml").write_text(f"entity: orders\ncolumns: {columns}\nkeep: none\n")
    environ = {**os.environ, "ZHIKE_HOME": str(folder / f"home{size}")}
    done = subprocess.run([*command, "--map", folder / "map.yaml"], capture_output=True, text=True, env=environ)
    assert json.loads(done.stdout)["read"] == size * 1000, done.stderr
    file.unlink()
    return int(done.stderr.splitlines()[-1]) // 1000


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    small, large = (peak_megabytes(tmp_path, size) for size in (200, 300))
    assert large < 1200
    assert large < small * 1.15  # the first few batches fill what is read ahead
