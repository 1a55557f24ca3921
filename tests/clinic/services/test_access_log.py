"""The access log."""

from accounts.models import User
from clinic.models import AccessLog
from clinic.services import log_access
from tests.factories import LesionImageFactory


def test_a_look_is_noted_with_person_image_organisation_and_address(dana: User) -> None:
    image = LesionImageFactory()
    log_access(user=dana, image=image, action="view", address="203.0.113.9")
    entry = AccessLog.objects.get()
    assert (entry.user, entry.image, entry.organisation_id, entry.action, entry.address) == (
        dana, image, image.case.organisation_id, "view", "203.0.113.9",
    )  # fmt: skip
