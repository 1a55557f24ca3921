"""The model in service, a candidate, an operator, and rules for a handful of images."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.models import User
from inference.models import ModelVersion
from tests.factories import ModelVersionFactory


@pytest.fixture
def operator(ada: User) -> User:
    ada.groups.add(Group.objects.get(name="Model operators"))
    return User.objects.get(pk=ada.pk)


@pytest.fixture
def champion(db: None) -> ModelVersion:
    return ModelVersionFactory(version="1.0.0", activated_at=timezone.now())


@pytest.fixture
def candidate(db: None) -> ModelVersion:
    return ModelVersionFactory(version="2.0.0", state="candidate")


@pytest.fixture
def few_are_enough(settings: Any) -> None:
    """Rules under which a dozen images decide."""
    settings.COMPARISON_FEWEST_IMAGES = 7
    settings.COMPARISON_FEWEST_MALIGNANT = 3
    settings.COMPARISON_RESAMPLES = 200
