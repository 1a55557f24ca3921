"""Stable within an organisation, unlinkable across them."""

from uuid import uuid4

from clinic.datasets.pseudonyms import Pseudonyms


def test_the_same_key_gives_the_same_name_and_another_key_another() -> None:
    patient = uuid4()
    here, again, elsewhere = Pseudonyms(b"a" * 32), Pseudonyms(b"a" * 32), Pseudonyms(b"b" * 32)
    assert here.patient(patient) == again.patient(patient)
    assert here.patient(patient) != elsewhere.patient(patient)


def test_kinds_do_not_share_names() -> None:
    names, key = Pseudonyms(b"a" * 32), uuid4()
    kinds = [names.patient, names.lesion, names.visit, names.image]
    tails = {name(key)[1:] for name in kinds}
    assert len(tails) == 4


def test_a_name_holds_nothing_of_the_key_it_stands_for() -> None:
    key = uuid4()
    assert key.hex[:6] not in Pseudonyms(b"a" * 32).patient(key)
