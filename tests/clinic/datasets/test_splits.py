"""Patients into parts: shares, strata, and nothing but the seed."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from clinic.datasets.splits import rarest_labels, split_patients

SHARES = (("train", 0.7), ("validation", 0.15), ("test", 0.15))
patients = st.dictionaries(st.text("abcdef0123456789", min_size=4), st.sampled_from("xyz"))


@given(patients, st.integers(0, 2**31 - 1))
def test_every_patient_is_in_one_part_and_the_same_seed_says_the_same(
    strata: dict[str, str], seed: int
) -> None:
    parts = split_patients(strata, SHARES, seed=seed)
    assert parts.keys() == strata.keys()
    backwards = dict(reversed(strata.items()))
    assert split_patients(backwards, SHARES, seed=seed) == parts


@given(patients, st.integers(0, 2**31 - 1))
def test_parts_have_their_shares_to_within_a_patient(strata: dict[str, str], seed: int) -> None:
    sizes = Counter(split_patients(strata, SHARES, seed=seed).values())
    for name, share in SHARES:
        assert abs(sizes[name] - share * len(strata)) <= 1


def test_a_rare_class_is_in_every_part() -> None:
    strata = {f"common-{n}": "nv" for n in range(400)} | {f"rare-{n}": "df" for n in range(20)}
    parts = split_patients(strata, SHARES, seed=3)
    rare = Counter(part for patient, part in parts.items() if patient.startswith("rare"))
    assert rare == {"train": 14, "validation": 3, "test": 3}


def test_another_seed_draws_others() -> None:
    strata = {f"patient-{n}": "nv" for n in range(60)}
    draws = [split_patients(strata, SHARES, seed=seed) for seed in range(3)]
    assert draws[0] != draws[1] != draws[2]


def test_a_patient_counts_for_the_rarest_of_their_labels() -> None:
    labels = {1: ["nv", "nv"], 2: ["nv", "df"], 3: ["nv"]}
    assert rarest_labels(labels) == {1: "nv", 2: "df", 3: "nv"}
