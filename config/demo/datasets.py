"""The demo's data set: what was signed, with patients set aside; frozen and exported once."""

from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from accounts.errors import Conflict
from accounts.models import Organisation, User
from clinic.datasets.description import Description
from clinic.models import Dataset, DatasetExport, ExportDelivery, SealedTestSet
from clinic.services.dataset_exports import claim_export, request_export, write_export
from clinic.services.datasets import describe_dataset, freeze_dataset, seal_test_set
from config.demo.moments import at

NAME = "Dermoscopic images, signed"
PURPOSE = "To train the next model on what the dermatologists of this hospital have signed."
SEALED_SHARE = 0.2
SEED = 1
FORMAT = "isic"


def ensure_dataset(
    *, organisation: Organisation, administrator: User, said: Callable[[str], None]
) -> None:
    """Describe, seal, freeze and export, unless the organisation has a data set already.

    All or nothing but the export, which a worker goes on with if this process is stopped. A record
    that offers too little (one that an older demo filled knows no consent) is left without.
    """
    if Dataset.objects.filter(organisations=organisation).exists():
        return
    with at(timezone.now(), administrator):
        try:
            export = _freeze(organisation, administrator)
        except Conflict as refusal:
            said(f"  {organisation.name}: no data set. {refusal}")
            return
        # There is no worker yet; asked for here, it lies ready when somebody looks.
        claim = claim_export()
        if claim is not None:
            write_export(claim=claim)
    version = export.version
    said(
        f"  {organisation.name}: {version.image_count} images of {version.patient_count} patients "
        "frozen as a data set"
    )


@transaction.atomic
def _freeze(organisation: Organisation, administrator: User) -> DatasetExport:
    dataset = describe_dataset(
        name=NAME,
        purpose=PURPOSE,
        organisations=[organisation],
        description=Description(seed=SEED),
        actor=administrator,
    )
    if not SealedTestSet.objects.filter(organisation=organisation).exists():
        seal_test_set(organisation=organisation, share=SEALED_SHARE, seed=SEED, actor=administrator)
    version = freeze_dataset(dataset=dataset, actor=administrator).version
    return request_export(
        version=version, format=FORMAT, delivery=ExportDelivery.ZIP, actor=administrator
    )
