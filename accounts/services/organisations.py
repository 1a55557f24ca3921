"""Opening an organisation."""

from django.db import transaction

from accounts.models import Organisation


@transaction.atomic
def create_organisation(*, name: str, slug: str) -> Organisation:
    """Open a site that shares nothing with the others."""
    return Organisation.objects.create(name=name, slug=slug)
