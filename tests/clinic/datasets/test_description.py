"""What can be asked for, and what cannot be meant."""

from datetime import date
from typing import Any

import pytest

from clinic.datasets.description import Description, DescriptionError


def test_a_description_survives_its_json() -> None:
    asked = Description(
        signed_from=date(2026, 1, 1), classes=("nv", "mel"), minimum_agreement=0.5, seed=7
    )
    again = Description.from_json(asked.as_json())
    assert again.as_json() == asked.as_json()
    assert again.signed_from == date(2026, 1, 1)


def test_the_order_in_which_things_were_chosen_says_nothing() -> None:
    one, other = Description(classes=("nv", "mel")), Description(classes=("mel", "nv"))
    assert one.as_json() == other.as_json()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"signed_from": "2026-02-01", "signed_to": "2026-01-01"}, "signed_to"),
        ({"signed_from": "yesterday"}, "signed_from"),
        ({"label_sources": ["rumour"]}, "label_sources"),
        ({"label_sources": []}, "label_sources"),
        ({"minimum_agreement": 1.01}, "minimum_agreement"),
        ({"consent": "none"}, "consent"),
        ({"train_share": 0}, "train_share"),
        ({"train_share": 0.9, "validation_share": 0.2}, "validation_share"),
        ({"seed": -1}, "seed"),
        ({"patients": "all"}, "patients"),
    ],
)
def test_what_cannot_be_meant_is_refused_at_its_field(values: dict[str, Any], field: str) -> None:
    with pytest.raises(DescriptionError) as refusal:
        Description.from_json(values)
    assert refusal.value.field == field
    assert refusal.value.reason.endswith(".")
