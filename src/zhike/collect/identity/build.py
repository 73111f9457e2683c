"""What `make install` runs for identity: tables that linking reads, made once."""

from __future__ import annotations

from zhike.collect.identity.normalising import (
    built,
    records,  # noqa: F401  # whose tables they are
)

if __name__ == "__main__":
    built.build()
