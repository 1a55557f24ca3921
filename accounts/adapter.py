"""How django-allauth behaves here: people are invited, nobody signs up."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedAccountAdapter(DefaultAccountAdapter):
    """Administrators create accounts; the sign-up page is closed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Closed."""
        return False
