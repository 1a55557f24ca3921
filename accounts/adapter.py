"""How django-allauth behaves here: people are invited, nobody signs up."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest


class ClosedAccountAdapter(DefaultAccountAdapter):
    """Administrators create accounts; the sign-up page is closed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Closed."""
        return False

    def reauthenticate(self, user: AbstractBaseUser, password: str) -> bool:
        """Ask for the password again by the address that people sign in with.

        The stock way looks for an address among those that people entered themselves; here
        administrators do, so it would find none and refuse every password.
        """
        email = getattr(user, "email", "")
        found = self.authenticate(context.request, email=email, password=password)
        return found is not None and found.pk == user.pk
