"""Some people whom two sources know, for tests that refresh: brought in by real imports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from zhike.collect.identity.tables import IDENTITY_MAP
from zhike.collect.sources.services import import_file
from zhike.warehouse.queries import published, rows

COLUMNS = ("customer_key", "name", "phone", "born_on", "id_number")
# The same person in both, with a telephone spelt otherwise; two who share a name; one whom only one knows.
CORE = (
    ("1", "王小明", "13800000001", "1980-05-01", ""),
    ("2", "李华", "13800000002", "1985-01-02", ""),
    ("3", "欧阳晓月", "13800000003", "1990-03-04", ""),
)
# Who have nothing to do with anybody.
OTHERS = tuple(
    (f"{number}", name, f"1500000{number:04d}", f"19{60 + number}-11-{10 + number}", "")
    for number, name in enumerate(
        ("周芷若", "郭靖", "黄蓉", "段誉", "胡斐", "程灵素", "令狐冲", "任盈盈", "东方白", "石破天")
    )
)
SHOP = (
    ("a", "王小明", "+86 138 0000 0001", "1980-05-01", ""),
    ("b", "李华", "13900000002", "1971-12-30", ""),
)


def bring_in(folder: Path, source: str, people: Sequence[Sequence[str]], *, name: str = "people") -> None:
    """Imports some people of a source."""
    path = folder / f"{source}-{name}.csv"
    lines = [",".join(person) for person in people]
    path.write_text("\n".join([",".join(COLUMNS), *lines]) + "\n", encoding="utf-8")
    import_file(path, entity="source_records", source=source)


def who_is_who() -> Mapping[str, int]:
    """The customer of every key, `source key`, in the refresh in force."""
    found = rows(published().table(IDENTITY_MAP))
    return {f"{row['source']} {row['customer_key']}": int(str(row["customer_id"])) for row in found}
