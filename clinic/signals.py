"""What the clinic announces or asks. It does not know who listens."""

from django.dispatch import Signal

# Sent inside the transaction that stores images. Argument: images, a list of LesionImage.
image_accepted = Signal()

# Asked when a reader is about to see the model's opinion. Argument: case. A listener answers with
# a dict by lesion key (str): what the model says of that lesion, as JSON. Known to the clinic are
# "model" (name and version), "diagnosis" (taxonomy code or None), "malignancy" (0 to 1) and
# "suspicious" (whether it reaches the operating point); the rest is kept as it is.
model_opinion_wanted = Signal()

# Sent inside the transaction that writes tombstones. Argument: rows, the primary keys of the
# frozen rows (`DatasetRow`) that no export may hold any longer.
consent_withdrawn = Signal()
