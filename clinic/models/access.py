"""Who looked at which picture, when."""

from django.db import models


class AccessLog(models.Model):
    """One look at one image. Written by the view that hands the bytes out."""

    at = models.DateTimeField(auto_now_add=True)
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    image = models.ForeignKey(
        "clinic.LesionImage", on_delete=models.SET_NULL, null=True, related_name="accesses"
    )
    action = models.CharField(max_length=20)
    address = models.GenericIPAddressField(null=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["organisation", "-at"], name="access_newest")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.action} {self.image_id}"
