"""The plain word for how sure the model is."""

import pytest

from inference.sureness import sureness_of


@pytest.mark.parametrize(
    ("plausible", "uncertainty", "word"),
    [
        (1, 0.0, "Sure"),
        (1, 0.2, "Sure"),
        (1, 0.21, "Fairly sure"),
        (2, 0.1, "Fairly sure"),
        (2, 0.5, "Fairly sure"),
        (2, 0.51, "Unsure"),
        (1, 0.51, "Unsure"),
        (3, 0.0, "Unsure"),
        (0, 0.0, "Fairly sure"),
        (0, 0.6, "Unsure"),
    ],
)
def test_the_word_follows_from_what_is_left_and_how_it_is_spread(
    plausible: int, uncertainty: float, word: str
) -> None:
    sure = sureness_of(plausible=plausible, uncertainty=uncertainty, is_familiar=True)
    assert sure.word == word
    assert sure.why, "the word never stands alone"


def test_an_image_of_another_kind_is_never_judged_with_any_sureness() -> None:
    sure = sureness_of(plausible=1, uncertainty=0.0, is_familiar=False)
    assert (sure.key, sure.word) == ("unsure", "Unsure")
    assert "not of the kind the model learned from" in sure.why
