"""What happens in the warehouse, for rooms above it that want to hear of it."""

from __future__ import annotations

from django.dispatch import Signal

# Sent with `refresh` in the transaction that moves the pointer: who cannot bear it undoes it.
refresh_published = Signal()
