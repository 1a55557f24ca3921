"""Getting an installed model ready for service: export, compare, keep."""

import logging
import tempfile
from pathlib import Path

from inference.engine.package import PackageError
from inference.engine.runtime import check_agreement, choose_runtime, export_onnx, is_numpy_only
from inference.models import ModelVersion
from inference.services.installation import record_preparation, record_preparation_failure
from inference.worker.package_cache import cached_package, sha256_of

logger = logging.getLogger(__name__)


def prepare_model(*, version: ModelVersion) -> ModelVersion:
    """Export the network for CPUs, check that it answers as torch does, and keep it.

    Trees are only checked: every worker answers with them as they are.
    Safe to run again: a model that is prepared stays as it is. What goes wrong is written on the
    model (`preparation_error`) as a sentence.
    """
    if version.prepared_at is not None:
        return version
    try:
        package = cached_package(version)
        if is_numpy_only(package):
            choose_runtime(package)  # refuses trees that do not fit
            return record_preparation(version=version)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "network.onnx"
            export_onnx(package, path)
            agreement = check_agreement(package, path)
            network = path.read_bytes()
    except PackageError as error:
        return record_preparation_failure(version=version, reason=str(error))
    except Exception as error:
        logger.exception("%s could not be prepared", version)
        reason = (
            f"The export stopped with {type(error).__name__}; the worker's log says more. "
            "Prepare it again when the cause is gone."
        )
        return record_preparation_failure(version=version, reason=reason)
    return record_preparation(
        version=version, network=network, sha256=sha256_of(network), agreement=agreement
    )
