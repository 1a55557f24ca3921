"""A person who signs in, or the service account of an API client."""

import uuid
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower

if TYPE_CHECKING:
    from accounts.models.membership import Membership


class UserManager(BaseUserManager["User"]):
    """Creates people by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a person; without a password they cannot sign in."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create the operator of the installation, who sees every organisation."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find by e-mail address, whatever its case."""
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):  # type: ignore[django-manager-missing]
    """A person (or a service account). What they may do is in their memberships."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField("e-mail address", unique=True)
    full_name = models.CharField(max_length=150)
    is_active = models.BooleanField(
        "active", default=True, help_text="Untick instead of deleting: the record keeps its names."
    )
    is_staff = models.BooleanField(
        "may open the administration", default=False, help_text="Set by the administrator role."
    )
    date_joined = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name"]

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "people"
        ordering = ["full_name", "email"]
        constraints = [models.UniqueConstraint(Lower("email"), name="one_person_per_email_address")]

    def __str__(self) -> str:
        return self.full_name or self.email

    def get_full_name(self) -> str:
        """The name that stands under a signature."""
        return self.full_name

    def get_short_name(self) -> str:
        """The first word of the name."""
        return self.full_name.split(" ")[0]

    @cached_property
    def current_memberships(self) -> list["Membership"]:
        """Memberships in active organisations, read once per request."""
        return list(
            self.memberships.filter(organisation__is_active=True)
            .select_related("organisation")
            .order_by("organisation__name")
        )
