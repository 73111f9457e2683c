"""The names of what records say, and of what is made of it."""

from __future__ import annotations

READINGS = ("family_reading", "given_reading", "reading", "readings")
# What a record may say, each a text as it was received.
SAID = (
    *("kind", "name", "family_name", "given_name", "gender", "born_on", "id_number", "phone", "phone_2", "email"),
    *("address", "district", "city", "province", "postal_code", "number", "street", "place", "unit"),
)
# What `normalised` makes of it, besides `kind` and `id_is_sure`.
NORMALISED = (
    *("family_name", "given_name", "script", "core", "branch", "born_on", "gender", "id_number"),
    *("phone", "phone_2", "email", "area", "postal_code", "street", "number", "place", "door"),
    *READINGS,
    "seat",
)
