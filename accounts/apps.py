"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, organisations, roles and API clients."""

    name = "accounts"
    verbose_name = "People and organisations"
