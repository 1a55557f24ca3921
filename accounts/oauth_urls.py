"""OAuth2: only what client credentials need."""

from django.urls import path
from oauth2_provider import views

urlpatterns = [
    path("token/", views.TokenView.as_view(), name="oauth-token"),
    path("revoke_token/", views.RevokeTokenView.as_view(), name="oauth-revoke"),
]
