"""What a model learned from, as far as this installation knows."""

from dataclasses import dataclass

from django.db.models import QuerySet

from clinic.models import DatasetRow, DatasetVersion, VersionKind
from inference.models import ModelVersion, TrainingRun


@dataclass(frozen=True)
class Origins:
    """The frozen versions behind a model and its ancestors. Known: to the first of them."""

    versions: list[DatasetVersion]
    are_known: bool


def origins_of(model: ModelVersion) -> Origins:
    """By the training runs, and where a package came from elsewhere by the lineage it carries."""
    versions: dict[str, DatasetVersion] = {}
    seen: set[str] = set()
    current: ModelVersion | None = model
    while current is not None and str(current.pk) not in seen:
        seen.add(str(current.pk))
        run = TrainingRun.objects.filter(candidate=current).select_related("start_from").first()
        if run is not None:
            found, current = [run.dataset_version], run.start_from
        else:
            lineage = current.training.get("lineage") or {}
            digest, parent = lineage.get("data_set_digest"), lineage.get("parent")
            found = list(
                DatasetVersion.objects.filter(digest=digest or "", kind=VersionKind.TRAINING)
            )
            if not found:
                return Origins(list(versions.values()), are_known=False)
            current = _installed(parent)
            if parent and current is None:
                versions |= {str(version.pk): version for version in found}
                return Origins(list(versions.values()), are_known=False)
        versions |= {str(version.pk): version for version in found}
    return Origins(list(versions.values()), are_known=True)


def learned_rows(origins: Origins, sealed: QuerySet[DatasetRow]) -> QuerySet[DatasetRow]:
    """Sealed rows of patients whom the model learned from: there must be none.

    By the patient, and by the pseudonym: should the one be wrong, the other still tells.
    """
    rows = DatasetRow.objects.filter(version__in=origins.versions).order_by()
    return sealed.filter(
        source__case__patient__in=rows.values("source__case__patient")
    ) | sealed.filter(patient__in=rows.values("patient"))


def _installed(parent: object) -> ModelVersion | None:
    digest = parent.get("digest") if isinstance(parent, dict) else None
    return ModelVersion.objects.filter(digest=digest or "").first()
