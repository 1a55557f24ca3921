"""Frozen versions as rows, for tests that need one and not the way it comes about."""

import uuid
from typing import Any

from accounts.models import Organisation
from clinic.models import (
    Dataset,
    DatasetExport,
    DatasetExportFile,
    DatasetRow,
    DatasetVersion,
    LesionImage,
    SealedTestSet,
    VersionKind,
)
from tests.factories import LesionImageFactory, OrganisationFactory, UserFactory


def a_dataset(*organisations: Organisation, **values: Any) -> Dataset:
    """A data set of one organisation, or of those given."""
    row = {"name": "Nevi of spring", "purpose": "The next model.", "created_by": UserFactory()}
    dataset = Dataset.objects.create(**{**row, **values})
    dataset.organisations.set(organisations or [OrganisationFactory()])
    return dataset


def row_of(image: LesionImage, number: int = 1, **values: Any) -> dict[str, Any]:
    """What a frozen row says of an image: a nevus that two readers agreed on."""
    return {
        "source": image, "number": number, "image": f"I-{image.pk.hex[:16]}",
        "sha256": image.sha256, "width": image.width, "height": image.height,
        "media_type": image.media_type, "size_bytes": image.size_bytes,
        "organisation": f"O-{image.case.organisation_id.hex[:16]}",
        "patient": f"P-{image.case.patient_id.hex[:16]}",
        "lesion": f"L-{image.lesion_id.hex[:16]}", "visit": f"V-{image.case_id.hex[:16]}",
        "label": "nv", "diagnosis": "nevus", "malignancy": "benign", "label_source": "concordant",
        "confirmation": "", "readers": 2, "agreement": 1.0, "model_shown": False,
        "sex": "female", "age": 45, "body_site": "back", "skin_type": 2,
        "image_kind": "dermoscopic", "split": "train", "consent": "sharing", **values,
    }  # fmt: skip


def a_version(
    *images: LesionImage,
    rows: list[dict[str, Any]] | None = None,
    dataset: Dataset | None = None,
    **values: Any,
) -> DatasetVersion:
    """A frozen version of these images (one of its own where none is given).

    `rows` say something else of the image at their place: `rows=[{"label": "mel"}]`.
    """
    images = images or (LesionImageFactory(),)
    organisations = {image.case.organisation for image in images}
    key = uuid.uuid4()
    said = [*(rows or []), *[{}] * len(images)]
    DatasetRow.objects.bulk_create(
        DatasetRow(version_id=key, **row_of(image, **{"number": number, **differently}))
        for number, (image, differently) in enumerate(zip(images, said, strict=False), start=1)
    )
    kind = values.get("kind", VersionKind.TRAINING)
    version = DatasetVersion.objects.create(
        id=key,
        dataset=None if kind == VersionKind.SEALED else dataset or a_dataset(*organisations),
        **{
            "header": {"seed": 1}, "seed": 1, "digest": key.hex * 2, "split_digest": "0" * 64,
            "taxonomy_version": "2026.1", "image_count": len(images),
            "lesion_count": len({image.lesion_id for image in images}),
            "patient_count": len({image.case.patient_id for image in images}),
            "frozen_by": UserFactory(), **values,
        },
    )  # fmt: skip
    version.organisations.set(organisations)
    return version


def a_sealed_test_set(*images: LesionImage, **values: Any) -> SealedTestSet:
    """The sealed test set of the images' organisation."""
    version = a_version(*images, kind=VersionKind.SEALED)
    organisation = version.organisations.get()
    row = {"share": 0.2, "sealed_by": UserFactory(), **values}
    return SealedTestSet.objects.create(organisation=organisation, version=version, **row)


def an_export(version: DatasetVersion | None = None, **values: Any) -> DatasetExport:
    """A job that waits."""
    row = {"version": version or a_version(), "format": "isic", "requested_by": UserFactory()}
    return DatasetExport.objects.create(**{**row, **values})


def an_export_file(export: DatasetExport | None = None, **values: Any) -> DatasetExportFile:
    """A document that was written."""
    row = {"path": "README.md", "media_type": "text/markdown", "size_bytes": 5, **values}
    return DatasetExportFile.objects.create(export=export or an_export(), **row)
