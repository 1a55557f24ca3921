"""Addresses of accounts. They stand before django-allauth's, whose lists the account page shows."""

from django.urls import path

from accounts.views import account, organisations, signing

urlpatterns = [
    path("account/", account.account, name="account"),
    path("account/2fa/", account.to_account),
    path("account/2fa/webauthn/", account.to_account),
    path("account/signing/", signing.signing, name="signing"),
    path("account/signing/passkey/", signing.passkey, name="signing-passkey"),
    path(
        "account/signing/passkey/options/", signing.passkey_options, name="signing-passkey-options"
    ),
    path("organisation/switch/", organisations.switch, name="organisation-switch"),
]
