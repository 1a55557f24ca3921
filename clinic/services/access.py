"""The access log."""

from accounts.models import User
from clinic.models import AccessLog, LesionImage


def log_access(*, user: User, image: LesionImage, action: str, address: str | None) -> None:
    """Note that a person looked at an image. `image.case` must be loaded."""
    AccessLog.objects.create(
        user=user,
        organisation_id=image.case.organisation_id,
        image=image,
        action=action,
        address=address,
    )
