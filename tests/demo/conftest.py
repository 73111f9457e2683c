from __future__ import annotations

import pytest
from demo_company import AS_OF, Company

from zhike.demo.company import write_company


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    directory = tmp_path_factory.mktemp("company")
    return Company(directory, tuple(write_company(directory, customers=20_000, as_of=AS_OF)))
