"""How opinions and pathology become a label."""

import pytest

from clinic.datasets.labels import Label, Opinion, clamped_age, resolve_label


def said(role: str, label: str = "nv", *, answer: bool = False, shown: bool = False) -> Opinion:
    return Opinion(role, f"{label}-leaf", label, answer, shown)


ONE = said("first", answer=True)


@pytest.mark.parametrize(
    ("opinions", "pathology", "expected"),
    [
        ([ONE], None, ("nv", "single", 1, 1.0)),
        ([said("first"), said("second", answer=True)], None, ("nv", "concordant", 2, 1.0)),
        (
            [said("first"), said("second", "mel"), said("adjudication", "mel", answer=True)],
            None,
            ("mel", "adjudication", 3, 0.6667),
        ),
        ([ONE], ("melanoma", "mel"), ("mel", "pathology", 1, 0.0)),
        (
            [said("first"), said("second"), said("amendment", "bkl", answer=True)],
            None,
            ("bkl", "single", 2, 0.0),
        ),
        (
            [said("first"), said("second"), said("amendment", answer=True)],
            None,
            ("nv", "concordant", 2, 1.0),
        ),
    ],
    ids=["one read", "two agree", "adjudicated", "pathology outranks", "amended", "amended words"],
)
def test_the_strongest_source_gives_the_label(
    opinions: list[Opinion], pathology: tuple[str, str] | None, expected: tuple[object, ...]
) -> None:
    label = resolve_label(opinions, pathology)
    assert label is not None
    assert (label.label, label.source, label.readers, label.agreement) == expected


@pytest.mark.parametrize("opinions", [[], [said("first")]], ids=["nobody", "not the answer"])
def test_what_was_not_signed_has_no_label_even_with_pathology(opinions: list[Opinion]) -> None:
    assert resolve_label(opinions, None) is None
    assert resolve_label(opinions, ("melanoma", "mel")) is None


def test_one_reader_who_saw_the_model_marks_the_row() -> None:
    label = resolve_label([said("first"), said("second", answer=True, shown=True)], None)
    assert label == Label("nv-leaf", "nv", label.source, 2, 1.0, True)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("years", "clamped"),
    [(None, None), (0, 0), (2, 0), (3, 5), (47, 45), (48, 50), (85, 85), (88, 85), (103, 85)],
)
def test_ages_are_in_steps_of_five_and_end_at_85(years: int | None, clamped: int | None) -> None:
    assert clamped_age(years) == clamped
