"""Made-up people for tests of linking: normalised records, and who they are."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import pyarrow as pa

FAMILIES = ("smith", "jones", "taylor", "brown", "williams", "wilson", "johnson", "davies", "patel", "wright")
GIVEN = ("oliver", "amelia", "george", "isla", "arthur", "ava", "noah", "ivy", "freya", "leo", "florence", "oscar")
STREETS = ("high", "station", "church", "mill", "park", "green", "victoria", "queens", "kings", "north")

Record = Mapping[str, str | int | bool | None]


def people(count: int, *, seed: int = 5) -> list[dict[str, str | int | bool | None]]:
    """Records of so many persons, half of them known twice, the second time with a slip or a gap."""
    draw = random.Random(seed)
    records: list[dict[str, str | int | bool | None]] = []
    for number in range(count):
        person: dict[str, str | int | bool | None] = {
            "truth": number,
            "given_name": draw.choice(GIVEN) + draw.choice(("", "", "lyn", "anne")),
            "family_name": draw.choice(FAMILIES) + draw.choice(("", "", "son", "ton")),
            "script": "latin",
            "born_on": f"{draw.randint(1940, 2005)}{draw.randint(1, 12):02}{draw.randint(1, 28):02}",
            "phone": f"+4477{draw.randint(10**7, 10**8 - 1)}",
            "street": draw.choice(STREETS) + " st",
            "number": str(draw.randint(1, 200)),
            "area": draw.choice(("leeds", "york", "hull", "ripon", "selby")),
        }
        records.append(person)
        if number % 2:
            again = dict(person)
            slip = draw.choice(("given_name", "family_name", "born_on"))
            again[slip] = _slipped(draw, str(again[slip]))
            again[draw.choice(("phone", "street", "area"))] = None
            records.append(again)
    return numbered(records)


def numbered(records: Sequence[dict[str, str | int | bool | None]]) -> list[dict[str, str | int | bool | None]]:
    """The records with their numbers."""
    for number, record in enumerate(records):
        record["record_id"] = number
    return list(records)


def as_table(records: Sequence[Record]) -> pa.Table:
    """The records as linking takes them, beside the truth."""
    texts = sorted({name for record in records for name in record} - {"record_id", "truth", "id_is_sure"})
    columns: dict[str, pa.Array] = {
        "record_id": pa.array([record["record_id"] for record in records], pa.int64()),
        "truth": pa.array([record.get("truth", record["record_id"]) for record in records], pa.int64()),
        "id_is_sure": pa.array([record.get("id_is_sure", False) for record in records], pa.bool_()),
    }
    return pa.table(columns | {name: pa.array([r.get(name) for r in records], pa.string()) for name in texts})


def _slipped(draw: random.Random, text: str) -> str:
    """The text with two neighbouring characters exchanged."""
    place = draw.randrange(len(text) - 1)
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
