"""The clinical record."""

from clinic.models.access import AccessLog
from clinic.models.case import Case, CaseState, Priority
from clinic.models.diagnosis import Diagnosis, Malignancy
from clinic.models.image import ImageKind, LesionImage
from clinic.models.lesion import BodySide, BodySite, BodyView, Lesion
from clinic.models.pathology import ConfirmationMethod, PathologyResult
from clinic.models.patient import FitzpatrickType, Patient, Sex
from clinic.models.read import Management, Read, ReadState

__all__ = [
    "AccessLog",
    "BodySide",
    "BodySite",
    "BodyView",
    "Case",
    "CaseState",
    "ConfirmationMethod",
    "Diagnosis",
    "FitzpatrickType",
    "ImageKind",
    "Lesion",
    "LesionImage",
    "Malignancy",
    "Management",
    "PathologyResult",
    "Patient",
    "Priority",
    "Read",
    "ReadState",
    "Sex",
]
