"""The password, asked for again."""

from django import forms


class SigningPasswordForm(forms.Form):
    """Shown by the page that asks without a script; the service does the checking."""

    password = forms.CharField(
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
        error_messages={"required": "Enter your password."},
    )
