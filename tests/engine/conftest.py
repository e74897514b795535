import os
import pytest
@pytest.fixture(scope="session")
def engine():
    return dict(os.environ)
