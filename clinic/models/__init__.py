"""The clinical record."""

from clinic.models.access import AccessLog
from clinic.models.annotation import Annotation
from clinic.models.annotation_pick import AnnotationPick, PickReason
from clinic.models.case import (
    CLOSED_STATES,
    OPEN_STATES,
    WAITING_STATES,
    Case,
    CaseState,
    Priority,
)
from clinic.models.dataset import (
    Dataset,
    DatasetRow,
    DatasetTombstone,
    DatasetVersion,
    VersionKind,
)
from clinic.models.dataset_export import (
    DatasetDownload,
    DatasetExport,
    ExportDelivery,
    ExportState,
)
from clinic.models.dataset_export_file import DatasetExportFile
from clinic.models.diagnosis import Diagnosis, Malignancy
from clinic.models.favourite import FavouriteDiagnosis
from clinic.models.image import ImageKind, LesionImage
from clinic.models.lesion import BodySide, BodySite, BodyView, Lesion
from clinic.models.notification import Notification, NotificationKind
from clinic.models.pathology import ConfirmationMethod, PathologyResult
from clinic.models.patient import FitzpatrickType, Patient, ResearchConsent, Sex
from clinic.models.pending_rendition import PendingRendition
from clinic.models.pseudonym_key import PseudonymKey
from clinic.models.read import Confidence, Management, Read, ReadStage, ReadState
from clinic.models.reading import (
    AFTER_COMMIT,
    BEFORE_COMMIT,
    Reading,
    ReadingRole,
    ReadingState,
)
from clinic.models.reading_policy import ReadingPolicy
from clinic.models.sealed_test_set import SealedTestSet, SealedTestSetUse

__all__ = [
    "AFTER_COMMIT",
    "BEFORE_COMMIT",
    "CLOSED_STATES",
    "OPEN_STATES",
    "WAITING_STATES",
    "AccessLog",
    "Annotation",
    "AnnotationPick",
    "BodySide",
    "BodySite",
    "BodyView",
    "Case",
    "CaseState",
    "Confidence",
    "ConfirmationMethod",
    "Dataset",
    "DatasetDownload",
    "DatasetExport",
    "DatasetExportFile",
    "DatasetRow",
    "DatasetTombstone",
    "DatasetVersion",
    "Diagnosis",
    "ExportDelivery",
    "ExportState",
    "FavouriteDiagnosis",
    "FitzpatrickType",
    "ImageKind",
    "Lesion",
    "LesionImage",
    "Malignancy",
    "Management",
    "Notification",
    "NotificationKind",
    "PathologyResult",
    "Patient",
    "PendingRendition",
    "PickReason",
    "Priority",
    "PseudonymKey",
    "Read",
    "ReadStage",
    "ReadState",
    "Reading",
    "ReadingPolicy",
    "ReadingRole",
    "ReadingState",
    "ResearchConsent",
    "SealedTestSet",
    "SealedTestSetUse",
    "Sex",
    "VersionKind",
]
