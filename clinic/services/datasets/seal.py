"""The sealed test set: chosen once, by patient; each time it is touched is written down."""

from collections import Counter
from dataclasses import replace
from uuid import uuid4

from django.db import transaction
from django.db.models import QuerySet

from accounts.errors import Conflict, InvalidInput
from accounts.models import Organisation, User
from clinic.datasets.description import Description
from clinic.datasets.splits import split_patients
from clinic.models import (
    DatasetRow,
    SealedTestSet,
    SealedTestSetUse,
    VersionKind,
)
from clinic.selectors.datasets import labelled_images, open_rows
from clinic.selectors.diagnoses import current_taxonomy_version
from clinic.services.datasets.describe import check_administers
from clinic.services.datasets.freezing import keep_version, organisation_pseudonyms, set_aside
from clinic.services.datasets.turns import wait_for_turn

SEALED, REST = "test", "rest"
SMALLEST_SHARE, LARGEST_SHARE = 0.05, 0.5


@transaction.atomic
def seal_test_set(
    *, organisation: Organisation, share: float, seed: int, actor: User
) -> SealedTestSet:
    """Set aside a share of the labelled patients, for good.

    Patients who are in a frozen version already are not chosen: a model may have learned from
    them. Raises Conflict where there is a sealed test set already or nobody to choose from,
    InvalidInput for a share below 5 or above 50 per cent, NotAllowed for people who are no
    administrators.
    """
    wait_for_turn()
    check_administers(actor, [organisation])
    if not SMALLEST_SHARE <= share <= LARGEST_SHARE:
        raise InvalidInput("The share is from 5 to 50 per cent of the patients.", field="share")
    if SealedTestSet.objects.filter(organisation=organisation).exists():
        msg = f"{organisation} has its sealed test set already. It is chosen once."
        raise Conflict(msg, code="sealed_already")
    # Test sets are drawn as training sets are, so that they are measured on what they learn.
    description = replace(Description(), seed=seed)
    header = {
        "organisations": organisation_pseudonyms([organisation]),
        "description": description.as_json(),
        "taxonomy": current_taxonomy_version(),
        "sealed_share": share,
    }
    left_out: Counter[str] = Counter()
    seen = DatasetRow.objects.filter(source__case__organisation=organisation)
    known = set(seen.values_list("source__case__patient_id", flat=True).distinct())
    images = labelled_images([organisation], description, left_out=left_out, withheld=known)
    key = uuid4()
    with set_aside(images, [organisation]) as rows:
        parts = split_patients(rows.strata, ((SEALED, share), (REST, 1 - share)), seed=seed)
        sealed = {patient: part for patient, part in parts.items() if part == SEALED}
        if not sealed:
            msg = (
                f"{organisation} has too few signed and consented patients who are in no frozen "
                "data set yet. Read and sign more cases first."
            )
            raise Conflict(msg, code="nobody_to_seal")
        written = rows.write(version=key, header=header, parts=sealed)
    version = keep_version(
        key,
        written,
        organisations=[organisation],
        header=header,
        seed=seed,
        left_out=left_out,
        actor=actor,
        kind=VersionKind.SEALED,
    )
    return SealedTestSet.objects.create(
        organisation=organisation, version=version, share=share, sealed_by=actor
    )


@transaction.atomic
def open_sealed_test_set(
    *, test_set: SealedTestSet, purpose: str, actor: User | None
) -> QuerySet[DatasetRow]:
    """The rows that models are measured on; that they were opened is written down.

    `actor` is None where the machine does it by itself. Rows under a tombstone are not among them.
    """
    rows = open_rows(test_set.version)
    SealedTestSetUse.objects.create(
        test_set=test_set, used_by=actor, purpose=purpose[:300], images=rows.count()
    )
    return rows
