"""The way of an image into the record: guarded, de-identified, judged and made small.

Pure Pillow: no Django, no numpy, so the web process, commands and tests use the same code.
"""

from clinic.imaging.accepted import AcceptedImage, ImageFormat, QualityFinding
from clinic.imaging.deidentify import deidentify
from clinic.imaging.guard import inspect_image
from clinic.imaging.limits import DEFAULT_LIMITS, Limits
from clinic.imaging.prepare import PreparedImage, prepare_upload
from clinic.imaging.refusals import ImageRefused, RefusalCode
from clinic.imaging.renditions import make_rendition, make_thumbnail

__all__ = [
    "DEFAULT_LIMITS",
    "AcceptedImage",
    "ImageFormat",
    "ImageRefused",
    "Limits",
    "PreparedImage",
    "QualityFinding",
    "RefusalCode",
    "deidentify",
    "inspect_image",
    "make_rendition",
    "make_thumbnail",
    "prepare_upload",
]
