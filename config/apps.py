"""This package as an app (its commands), and the admin under the product's own sign-in."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class HouseConfig(AppConfig):
    """Makes `manage.py fill_demo` known."""

    name = "config"
    default = True


class ClinicAdminConfig(admin_apps.AdminConfig):
    """Use the clinic's admin site as `django.contrib.admin.site`."""

    default = False
    default_site = "config.admin.ClinicAdminSite"
