"""Naming a passkey, when it is made and later."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.core.exceptions import ValidationError

NAME_LENGTH = 60
HINT = "So that you know it again: “Phone”, “Reading room 2”."


class AddPasskeyForm(AddWebAuthnForm):
    """Every passkey checks the person and is kept by its device, so it signs in and signs."""

    passwordless = None
    name = forms.CharField(label="Name", required=False, max_length=NAME_LENGTH, help_text=HINT)

    def clean(self) -> dict[str, Any]:
        """Say a refusal as a sentence of the form, whatever the browser sent."""
        try:
            return super().clean()
        except (ValueError, KeyError, IndexError, AttributeError, AssertionError) as error:
            msg = "The passkey was not accepted. Try again."
            raise ValidationError(msg, code="passkey_refused") from error


class RenamePasskeyForm(EditWebAuthnForm):
    """A name that its owner knows it by."""

    name = forms.CharField(label="Name", max_length=NAME_LENGTH, help_text=HINT)
    instance: Authenticator
