"""The taxonomy that the migrations loaded, which tests that commit take away."""

from tests.browser.dermatologist.conftest import taxonomy

__all__ = ["taxonomy"]
