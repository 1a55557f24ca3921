"""Making, naming and using a passkey: django-allauth's forms, with the answer checked first."""

from typing import Any, cast

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.core.exceptions import ValidationError

from accounts.passkey_answers import MALFORMED, is_passkey_answer

NAME_LENGTH = 60
HINT = "So that you know it again: “Phone”, “Reading room 2”."


def refusal() -> ValidationError:
    """The one sentence: whoever tries to get in learns nothing more from it."""
    return ValidationError("The passkey was not accepted. Try again.", code="passkey_refused")


class AddPasskeyForm(AddWebAuthnForm):
    """Every passkey checks the person and is kept by its device, so it signs in and signs."""

    passwordless = None
    name = forms.CharField(label="Name", required=False, max_length=NAME_LENGTH, help_text=HINT)

    def clean_credential(self) -> dict[str, Any]:
        """Let only an answer through."""
        credential = self.cleaned_data["credential"]
        if not is_passkey_answer(credential):
            raise refusal()
        return cast("dict[str, Any]", credential)

    def clean(self) -> dict[str, Any]:
        """Say a refusal as a sentence of the form, whatever the browser sent."""
        try:
            return cast("dict[str, Any]", super().clean())
        except MALFORMED as error:
            raise refusal() from error


class RenamePasskeyForm(EditWebAuthnForm):
    """A name that its owner knows it by."""

    name = forms.CharField(label="Name", max_length=NAME_LENGTH, help_text=HINT)


class _AnswerChecked(AuthenticateWebAuthnForm):
    def clean_credential(self) -> Authenticator:
        """The passkey that answered."""
        if not is_passkey_answer(self.cleaned_data["credential"]):
            raise refusal()
        try:
            return super().clean_credential()
        except MALFORMED as error:
            raise refusal() from error


class SecondStepPasskeyForm(_AnswerChecked):
    """After the password."""


class SignInPasskeyForm(_AnswerChecked, LoginWebAuthnForm):
    """Instead of the password."""


class ConfirmPasskeyForm(_AnswerChecked, ReauthenticateWebAuthnForm):
    """Before the account is changed."""
