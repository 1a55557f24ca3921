"""Installing a model package: check, keep, prepare. A package is never changed afterwards."""

import tempfile
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.core.files import File
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from accounts.doorbell import send_task
from accounts.errors import Conflict, InvalidInput
from accounts.models import User
from inference.engine.bundle_files import LARGEST_PACKAGE, MEBIBYTE
from inference.engine.package import Package, PackageError, open_package
from inference.models import ModelVersion
from inference.services.operators import require_operator

LARGEST_UPLOAD = LARGEST_PACKAGE + MEBIBYTE  # what a zip adds to what it holds
ERROR_LENGTH = 500


def install_package(*, file: BinaryIO | Path, actor: User | None) -> ModelVersion:
    """Check a package and keep it as a candidate; a worker then prepares it.

    `file` is a zip (an upload, say) or a folder. `actor` is None on the command line. Raises
    InvalidInput with the reason a package is refused, Conflict if it is installed already,
    NotAllowed for people who are no model operators. Nothing is stored after a refusal.
    """
    require_operator(actor)
    package = _checked(file)
    if (twin := ModelVersion.objects.filter(digest=package.digest).first()) is not None:
        raise Conflict(f"{twin} is installed already.", code="installed_already", field="package")
    return _store(package, actor)


def _checked(file: BinaryIO | Path) -> Package:
    size = getattr(file, "size", 0) or 0
    if size > LARGEST_UPLOAD:
        raise InvalidInput(
            f"A model package has at most {LARGEST_PACKAGE // MEBIBYTE} MB.", field="package"
        )
    try:
        package = open_package(file)
    except PackageError as error:
        raise InvalidInput(str(error), field="package", code="package_refused") from error
    same_version = ModelVersion.objects.filter(
        task=package.task, name=package.name, version=package.version
    ).exclude(digest=package.digest)
    if same_version.exists():
        msg = (
            f"{package.name} {package.version} is installed with other content. "
            "Give the new package a version of its own."
        )
        raise InvalidInput(msg, field="package", code="version_taken")
    return package


@transaction.atomic
def _store(package: Package, actor: User | None) -> ModelVersion:
    version = ModelVersion(
        task=package.task,
        name=package.name,
        version=package.version,
        description=package.metadata.description,
        architecture=package.architecture.name,
        digest=package.digest,
        classes=[asdict(entry) for entry in package.classes],
        preprocessing=asdict(package.preprocessing),
        calibration=asdict(package.calibration),
        operating_points=[asdict(point) for point in package.operating_points],
        plausible_coverage=package.conformal.coverage if package.conformal else None,
        metrics=dict(package.metrics),
        training=dict(package.training),
        # The directions are the worker's, which has the package.
        reference=package.reference.as_json(directions=False) if package.reference else {},
        licence=package.licence[:200],
        card=package.card,
        installed_by=actor,
    )
    with tempfile.TemporaryDirectory() as folder:
        # Written anew: what was checked is what is kept, and nothing beside it.
        path = Path(folder) / f"{package.name}-{package.version}.zip"
        package.write_zip(path)
        with path.open("rb") as zipped:
            version.package.save(path.name, File(zipped), save=False)
    try:
        version.save(force_insert=True)
    except BaseException:
        version.package.storage.delete(str(version.package.name))
        raise
    transaction.on_commit(partial(ask_for_preparation, version.pk))
    return version


def ask_for_preparation(key: UUID) -> None:
    """Let a worker prepare the model; the sweep asks again if the broker does not take it."""
    from inference.tasks import prepare_model_task

    send_task(prepare_model_task, str(key))


@transaction.atomic
def prepare_again(*, version: ModelVersion, actor: User | None) -> ModelVersion:
    """Forget why the preparation failed and let a worker try again."""
    require_operator(actor)
    version = ModelVersion.objects.select_for_update().get(pk=version.pk)
    if version.prepared_at is None:
        version.preparation_error = ""
        version.save(update_fields=["preparation_error"])
        transaction.on_commit(partial(ask_for_preparation, version.pk))
    return version


def record_preparation(
    *,
    version: ModelVersion,
    network: bytes | None = None,
    sha256: str = "",
    agreement: float | None = None,
) -> ModelVersion:
    """Keep the exported network, from which every worker on a CPU answers.

    `network` is None for a model that is none, such as trees: it answers as it is.
    """
    if network is not None:
        version.onnx.save("network.onnx", ContentFile(network), save=False)
    with transaction.atomic():
        prepared = ModelVersion.objects.filter(pk=version.pk, prepared_at__isnull=True).update(
            onnx=version.onnx.name or "",
            onnx_sha256=sha256,
            agreement=agreement,
            prepared_at=timezone.now(),
            preparation_error="",
        )
    if not prepared and network is not None:
        # Another worker was faster; its network is the one in service.
        version.onnx.storage.delete(str(version.onnx.name))
    version.refresh_from_db()
    return version


def record_preparation_failure(*, version: ModelVersion, reason: str) -> ModelVersion:
    """Say on the model's page why it cannot go into service."""
    ModelVersion.objects.filter(pk=version.pk, prepared_at__isnull=True).update(
        preparation_error=reason[:ERROR_LENGTH]
    )
    version.refresh_from_db()
    return version
