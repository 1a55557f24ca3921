"""What the clinic announces. It does not know who listens."""

from django.dispatch import Signal

# Sent inside the transaction that stores images. Argument: images, a list of LesionImage.
image_accepted = Signal()
