"""What a browser sends from the form of a data set, and what a page says."""

import re
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from accounts.models import Organisation, User
from clinic.datasets.description import Description
from clinic.models import Dataset, DatasetVersion
from clinic.services.datasets import describe_dataset, freeze_dataset, seal_test_set

LIST, CREATE, PREVIEW = map(reverse, ("dataset-list", "dataset-create", "dataset-preview"))


def fields(organisation: Organisation, **changes: Any) -> dict[str, Any]:
    """The form as it stands when it is opened, with name and purpose, and these changes."""
    return {
        "name": "Nevi of spring",
        "purpose": "To train the next model.",
        "organisations": [str(organisation.pk)],
        "signed_from": "",
        "signed_to": "",
        "image_kinds": ["dermoscopic"],
        "label_sources": ["pathology", "adjudication", "concordant", "single"],
        "minimum_agreement": "0",
        "consent": "training",
        "train_share": "70",
        "validation_share": "15",
        "seed": "1",
        **changes,
    }


def dataset_of(organisation: Organisation, actor: User, **description: Any) -> Dataset:
    """A described data set of one organisation."""
    return describe_dataset(
        name="Nevi of spring",
        purpose="To train the next model.",
        organisations=[organisation],
        description=Description(**description),
        actor=actor,
    )


def frozen(organisation: Organisation, actor: User, **description: Any) -> DatasetVersion:
    """The first version of one, after the test set is sealed."""
    seal_test_set(organisation=organisation, share=0.2, seed=1, actor=actor)
    dataset = dataset_of(organisation, actor, **description)
    return freeze_dataset(dataset=dataset, actor=actor).version


def words(response: HttpResponse) -> str:
    """What stands on a page, without tags and with single blanks."""
    text = re.sub(r"<[^>]*>", " ", response.content.decode())
    for written, meant in (("&nbsp;", " "), ("&#x27;", "'"), ("&lt;", "<"), ("\u00a0", " ")):
        text = text.replace(written, meant)
    return re.sub(r"\s+(?=[,;])|(?<=\s)\s+", "", re.sub(r"\s", " ", text))
