"""The small company, seen by those who look after the quality of its data."""

from __future__ import annotations

from tests.pages.conftest import administrator as administrator
from tests.pages.conftest import browser as browser
from tests.pages.conftest import open_with as open_with
from tests.understand.conftest import company as company
