"""An integrator's credentials: OAuth2 client credentials bound to one organisation."""

from django.db import models
from oauth2_provider.models import AbstractApplication


class ApiClient(AbstractApplication):
    """A program that uses the API for one organisation through a service account (`user`)."""

    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.CASCADE, related_name="api_clients"
    )
    scopes = models.CharField(
        max_length=50, default="read write", help_text="The most this client may ask for."
    )

    class Meta(AbstractApplication.Meta):
        verbose_name = "API client"
        swappable = "OAUTH2_PROVIDER_APPLICATION_MODEL"

    def is_usable(self, request: object) -> bool:
        """Whether tokens are given out and accepted: not once anything was deactivated."""
        return self.user is not None and self.user.is_active and self.organisation.is_active

    def __str__(self) -> str:
        return f"{self.name} · {self.organisation}"
