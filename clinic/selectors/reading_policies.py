"""How an organisation reads."""

from uuid import UUID

from clinic.models import ReadingPolicy


def reading_policy(organisation_id: UUID) -> ReadingPolicy:
    """The organisation's policy; the defaults, unsaved, where nobody has chosen one."""
    found = ReadingPolicy.objects.filter(organisation=organisation_id).first()
    return found or ReadingPolicy(organisation_id=organisation_id)
