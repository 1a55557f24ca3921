"""What a candidate's package says of where it comes from, so that it survives this database."""

from typing import Any

from clinic.models import DatasetTombstone
from inference.models import TrainingRun


def lineage_of(run: TrainingRun) -> dict[str, Any]:
    """For `python -m inference.training package --lineage`; see `inference.training.lineage`."""
    version, parent = run.dataset_version, run.start_from
    return {
        "run": str(run.pk),
        "data_set": str(version.dataset),
        "data_set_version": version.number,
        "data_set_digest": version.digest,
        "split_digest": version.split_digest,
        "withdrawn_rows": DatasetTombstone.objects.filter(row__version=version).count(),
        "recipe": run.recipe,
        "changes": list(run.settings),
        "seed": run.seed,
        "code_revision": run.code_revision,
        "parent": parent
        and {"name": parent.name, "version": parent.version, "digest": parent.digest},
    }
