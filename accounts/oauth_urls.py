"""OAuth2: only what client credentials need."""

from django.urls import path
from oauth2_provider.views import RevokeTokenView

from accounts.api.tokens import RationedTokenView

urlpatterns = [
    path("token/", RationedTokenView.as_view(), name="oauth-token"),
    path("revoke_token/", RevokeTokenView.as_view(), name="oauth-revoke"),
]
