"""What a customer's row says stays out of the logs, whatever happens to it."""

from __future__ import annotations

from pathlib import Path

from deliveries import HEADER
from tests.conftest import Run

MARK = "MARKER"
FILES = {
    "good.csv": f"{HEADER},note\n1{MARK},ann{MARK},2026-01-31,10,{MARK}\n",
    "bad.csv": f"{HEADER}\n1{MARK},{MARK},{MARK},{MARK}\n2,{MARK}\n",
    "unclosed.csv": f'{HEADER}\n1,"{MARK},2026-01-31,10\n',
    "misread.csv": f"{HEADER}\n".encode() + f"王{MARK},{MARK},2026-01-31,10\n".encode() * 99 + b"\xff" + MARK.encode(),
    "broken.jsonl": '{"order_id": 1}\n{"order_id": "' + MARK + "\n[" + MARK + "\n",
    "columns.csv": f"{MARK},{MARK}2\n1,2\n",
    "book.xlsx": b"PK\x03\x04" + MARK.encode() * 99,
}


def test_no_value_of_a_row_reaches_the_logs(zhike: Run, tmp_path: Path) -> None:
    columns = "{order_id: no, customer_key: who, ordered_at: day, amount: paid}"
    (tmp_path / "map.yaml").write_text(f"entity: orders\ncolumns: {columns}\n")
    codes = []
    for name, content in FILES.items():
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        done = zhike(
            "import",
            path,
            "--as",
            "orders",
            "--source",
            "shop",
            "--map",
            tmp_path / "map.yaml",
            ZHIKE_LOG_LEVEL="DEBUG",
        )
        codes.append(done.returncode)
        assert "Traceback" not in done.stderr
    assert codes == [0, 0, 1, 1, 0, 1, 1]
    logs = "".join(path.read_text() for path in (tmp_path / "home" / "logs").iterdir())
    assert '"import finished"' in logs
    assert MARK not in logs
