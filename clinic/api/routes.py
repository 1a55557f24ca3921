"""What this app adds to the API."""

from rest_framework.routers import SimpleRouter

from clinic.api.annotations import AnnotationViewSet
from clinic.api.cases import CaseViewSet
from clinic.api.dataset_exports import DatasetExportViewSet, VersionExportViewSet
from clinic.api.dataset_versions import DatasetRowViewSet, DatasetVersionViewSet
from clinic.api.datasets import DatasetViewSet
from clinic.api.diagnoses import DiagnosisViewSet
from clinic.api.images import ImageViewSet
from clinic.api.lesions import LesionViewSet
from clinic.api.pathology import PathologyResultViewSet
from clinic.api.patients import PatientViewSet
from clinic.api.readings import ReadingViewSet
from clinic.api.reads import ReadViewSet


def register(router: SimpleRouter) -> None:
    """Register the viewsets."""
    router.register("patients", PatientViewSet, basename="api-patient")
    router.register("lesions", LesionViewSet, basename="api-lesion")
    router.register("cases", CaseViewSet, basename="api-case")
    router.register("images", ImageViewSet, basename="api-image")
    router.register("readings", ReadingViewSet, basename="api-reading")
    router.register("reads", ReadViewSet, basename="api-read")
    router.register("annotations", AnnotationViewSet, basename="api-annotation")
    router.register("pathology-results", PathologyResultViewSet, basename="api-pathology-result")
    router.register("diagnoses", DiagnosisViewSet, basename="api-diagnosis")
    router.register("datasets", DatasetViewSet, basename="api-dataset")
    router.register("dataset-versions", DatasetVersionViewSet, basename="api-dataset-version")
    router.register(
        "dataset-versions/<uuid:pk>/rows", DatasetRowViewSet, basename="api-dataset-row"
    )
    router.register(
        "dataset-versions/<uuid:pk>/exports",
        VersionExportViewSet,
        basename="api-dataset-version-export",
    )
    router.register("dataset-exports", DatasetExportViewSet, basename="api-dataset-export")
