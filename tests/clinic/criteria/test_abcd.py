"""The ABCD rule counts as Stolz and Nachbar et al. published it in 1994."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.criteria import ABCD, WrongCriteria
from clinic.criteria.abcd import COLOURS, STRUCTURES, Band


def lesion(asymmetry: int, border: int, colours: int, structures: int) -> ABCD:
    """A lesion with so many colours and structures; the rule counts them and minds not which."""
    return ABCD(
        asymmetry=asymmetry,
        border=border,
        colours=tuple(COLOURS)[:colours],
        structures=tuple(STRUCTURES)[:structures],
    )


QUARTETS = list(product(range(3), range(9), range(1, 7), range(1, 6)))
parts = st.builds(
    ABCD,
    asymmetry=st.none() | st.integers(0, 2),
    border=st.none() | st.integers(0, 8),
    colours=st.lists(st.sampled_from(sorted(COLOURS)), unique=True).map(tuple),
    structures=st.lists(st.sampled_from(sorted(STRUCTURES)), unique=True).map(tuple),
)


@pytest.mark.parametrize(
    ("quartet", "tds", "band"),
    [
        # The ends of the scale, as published: 1.0 to 8.9.
        ((0, 0, 1, 1), 1.0, Band.BENIGN),
        ((2, 8, 6, 5), 8.9, Band.HIGHLY_SUSPICIOUS),
        # Both thresholds, a tenth to each side.
        ((1, 4, 3, 3), 4.7, Band.BENIGN),
        ((1, 5, 3, 3), 4.8, Band.SUSPICIOUS),
        ((2, 3, 2, 3), 5.4, Band.SUSPICIOUS),
        ((2, 4, 2, 3), 5.5, Band.HIGHLY_SUSPICIOUS),
    ],
)
def test_the_score_and_what_it_says(
    quartet: tuple[int, int, int, int], tds: float, band: Band
) -> None:
    rule = lesion(*quartet)
    assert (rule.tds, rule.band) == (tds, band)


def test_every_one_of_the_810_quartets_is_the_published_sum() -> None:
    """The number of quartets: Tas, J Skin Stem Cell 2019;6(2):e102138."""
    assert len(QUARTETS) == 810
    for a, b, c, d in QUARTETS:
        rule = lesion(a, b, c, d)
        assert rule.tds == pytest.approx(1.3 * a + 0.1 * b + 0.5 * c + 0.5 * d)
        published = (
            Band.BENIGN if rule.tds < 4.75
            else Band.SUSPICIOUS if rule.tds <= 5.45
            else Band.HIGHLY_SUSPICIOUS
        )  # fmt: skip
        assert rule.band is published


@given(parts)
def test_there_is_a_score_exactly_when_all_four_parts_are_filled_in(rule: ABCD) -> None:
    assert (rule.tds is None) == bool(rule.missing) == (rule.band is None)


@given(parts, st.floats(allow_nan=False) | st.none())
def test_what_was_written_is_read_again_and_a_sent_score_is_not_believed(
    rule: ABCD, tds: float | None
) -> None:
    sent = rule.to_json() | {"tds": tds}
    assert ABCD.from_json(sent) == rule
    assert ABCD.from_json(sent).to_json() == rule.to_json()


@given(st.permutations(sorted(COLOURS)), st.permutations(sorted(STRUCTURES)))
def test_the_order_of_ticking_makes_no_other_content(
    colours: list[str], structures: list[str]
) -> None:
    ticked = ABCD(asymmetry=0, border=0, colours=tuple(colours), structures=tuple(structures))
    assert ticked == lesion(0, 0, 6, 5)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (7, "must be an object"),
        ({"asymetry": 1}, "no part “asymetry”"),
        ({"asymmetry": 3}, "Asymmetry in the ABCD rule is a whole number from 0 to 2"),
        ({"asymmetry": -1}, "from 0 to 2"),
        ({"asymmetry": "1"}, "from 0 to 2"),
        ({"asymmetry": 1.0}, "from 0 to 2"),
        ({"asymmetry": True}, "from 0 to 2"),
        ({"border": 9}, "Border in the ABCD rule is a whole number from 0 to 8"),
        ({"border": []}, "from 0 to 8"),
        ({"colours": 3}, "List every colour"),
        ({"colours": None}, "List every colour"),
        ({"colours": "black"}, "List every colour"),
        ({"colours": ["purple"]}, "knows no colour “purple”"),
        ({"colours": [["black"]]}, "knows no colour"),
        ({"colours": ["black", "black"]}, "Name each colour"),
        ({"structures": ["veil"]}, "knows no structure “veil”"),
        ({"structures": {"dots": True}}, "List every structure"),
    ],
)
def test_what_the_rule_does_not_know_is_refused(value: Any, sentence: str) -> None:
    with pytest.raises(WrongCriteria, match=sentence):
        ABCD.from_json(value)


def test_its_words_give_the_score_or_what_is_still_missing() -> None:
    assert lesion(2, 0, 3, 2).words() == "ABCD 5.1, suspicious"
    assert (
        ABCD(asymmetry=1, colours=("red",)).words() == "ABCD not complete: no border or structures"
    )
