"""The senders of the API's tests."""

from tests.api.senders import dashboard, foreign_system, nobody, records_system

__all__ = ["dashboard", "foreign_system", "nobody", "records_system"]
