"""Freezing a data set: what the record holds now becomes a version that never changes."""

from collections import Counter
from dataclasses import dataclass
from functools import partial
from uuid import uuid4

from django.db import transaction
from django.db.models import Max

from accounts.errors import Conflict
from accounts.models import Organisation, User
from clinic.datasets.description import Description
from clinic.datasets.splits import split_patients
from clinic.models import Dataset, DatasetVersion, SealedTestSet
from clinic.selectors.datasets import labelled_images
from clinic.selectors.diagnoses import current_taxonomy_version
from clinic.services.datasets.describe import check_administers
from clinic.services.datasets.freezing import keep_version, organisation_pseudonyms, set_aside
from clinic.services.datasets.turns import wait_for_turn


class NoSealedTestSet(Conflict):
    """Nothing is frozen for training before patients are set aside to measure models on."""

    code = "no_sealed_test_set"


class NothingToFreeze(Conflict):
    """The description takes no image."""

    code = "nothing_to_freeze"


@dataclass(frozen=True)
class Frozen:
    """The version, and whether it is new: an unchanged record is not frozen twice."""

    version: DatasetVersion
    is_new: bool


@transaction.atomic
def freeze_dataset(*, dataset: Dataset, actor: User) -> Frozen:
    """Freeze what the description takes from the record now.

    The same description on the same record gives the same digest, and no second version of the
    same data set. Raises NotAllowed, NoSealedTestSet, and NothingToFreeze.
    """
    wait_for_turn()
    dataset = Dataset.objects.select_for_update().get(pk=dataset.pk)
    organisations = list(dataset.organisations.order_by("slug"))
    check_administers(actor, organisations)
    _check_sealed(organisations)
    description = Description.from_json(dataset.description)
    header = {
        "organisations": organisation_pseudonyms(organisations),
        "description": dict(description.as_json()),
        "taxonomy": current_taxonomy_version(),
    }
    left_out: Counter[str] = Counter()
    images = labelled_images(organisations, description, left_out=left_out)
    divide = partial(split_patients, shares=description.shares, seed=description.seed)
    key = uuid4()
    rows_only = transaction.savepoint()
    with set_aside(images, organisations) as rows:
        if not rows.strata:
            msg = "No image in the record fits this description. Nothing was frozen."
            raise NothingToFreeze(msg)
        written = rows.write(version=key, header=header, parts=divide(rows.strata))
    same = dataset.versions.filter(digest=written.digest).first()
    if same is not None:
        transaction.savepoint_rollback(rows_only)
        return Frozen(same, is_new=False)
    newest = dataset.versions.aggregate(newest=Max("number"))["newest"] or 0
    version = keep_version(
        key,
        written,
        organisations=organisations,
        header=header,
        seed=description.seed,
        left_out=left_out,
        actor=actor,
        dataset=dataset,
        number=newest + 1,
    )
    return Frozen(version, is_new=True)


def _check_sealed(organisations: list[Organisation]) -> None:
    sealed = set(
        SealedTestSet.objects.filter(organisation__in=organisations).values_list(
            "organisation_id", flat=True
        )
    )
    open_ones = [each.name for each in organisations if each.pk not in sealed]
    if open_ones:
        msg = (
            f"{' and '.join(open_ones)} has no sealed test set yet. Set one aside first: models "
            "are measured on patients that no data set for training may hold."
        )
        raise NoSealedTestSet(msg)
