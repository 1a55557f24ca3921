"""The taxonomy that the migrations loaded, which tests that commit take away; an operator."""

import pytest

from accounts.models import User
from tests.browser.dermatologist.conftest import taxonomy
from tests.inference.training_runs.frozen import operator

__all__ = ["operating_ada", "taxonomy"]


@pytest.fixture
def operating_ada(ada: User) -> User:
    """Ada, who administers Northside and operates models."""
    return operator(ada)
