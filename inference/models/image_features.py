"""What a network saw in an image: the numbers that its last layer decides by."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

# The widest network that may be named has 1792; trees have their pixels, which are not kept.
MOST_FEATURES = 2048


class Real(models.FloatField):
    """Four bytes, as precise as the network itself."""

    def db_type(self, connection: Any) -> str:
        """PostgreSQL's name of it."""
        return "real"


class ImageFeatures(models.Model):
    """The features of one answer, of length 1: two images are alike if their product is near 1.

    They come from the forward pass that gave the answer (with several views of the image: their
    mean), and only features of the same model version can be compared. Whoever may see the image
    may not read the diagnosis out of them, but the nearest cases hint at it: they are shown by the
    rule for the answer.
    """

    prediction = models.OneToOneField(
        "inference.Prediction",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="features",
    )
    vector = ArrayField(Real())

    class Meta:
        verbose_name_plural = "image features"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(vector__len__range=(1, MOST_FEATURES)),
                name="image_features_are_of_a_network",
            )
        ]

    def __str__(self) -> str:
        return f"{len(self.vector)} features of {self.prediction_id}"
