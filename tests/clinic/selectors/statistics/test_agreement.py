"""First against second reads."""

import pytest

from accounts.models import Organisation, User
from clinic.selectors.statistics import Agreement
from clinic.statistics.figures import Figure
from tests.clinic.selectors.statistics.conftest import PictureOf
from tests.clinic.statistics_record import MELANOMA, NEVUS, Turn, closed_case

pytestmark = pytest.mark.django_db

# 12 + 3 + 2 + 8 pairs. Observed 20/25; by chance (15*14 + 10*11)/625.
TABLE = [
    (12, "nevus", "nevus"),
    (3, "nevus", "melanoma"),
    (2, "melanoma", "nevus"),
    (8, "melanoma-in-situ", "melanoma"),
]
KAPPA = (20 / 25 - 320 / 625) / (1 - 320 / 625)


def read_twice(organisation: Organisation, first: User, second: User, **options: bool) -> None:
    for times, one, other in TABLE:
        for _ in range(times):
            closed_case(organisation, Turn(first, one, **options),
                        Turn(second, other, role="second", **options))  # fmt: skip


def by_name(found: Agreement) -> dict[str, Figure]:
    return {kind.name: before for kind, (before, _) in found.kinds.items()}


def value(figure: Figure) -> float | None:
    return figure.estimate.value if figure.estimate else None


def test_kappa_of_a_table_counted_by_hand(
    picture: PictureOf, northside: Organisation, dana: User, erin: User
) -> None:
    read_twice(northside, dana, erin)
    found = picture().of_all.agreement
    assert found.pairs == 25
    assert value(found.diagnosis[0]) == pytest.approx(KAPPA)
    # A melanoma in situ is a melanoma; of two classes each against the rest is the same table.
    assert value(found.malignancy[0]) == pytest.approx(KAPPA)
    assert {name: figure.n for name, figure in by_name(found).items()} == {
        "Melanocytic nevus": 17, "Melanoma": 13,
    }  # fmt: skip
    assert value(by_name(found)["Melanoma"]) == pytest.approx(KAPPA)


def test_the_answer_of_the_model_brings_readers_together_only_in_what_was_signed(
    picture: PictureOf, northside: Organisation, dana: User, erin: User
) -> None:
    read_twice(northside, dana, erin)
    for _ in range(5):
        closed_case(northside, Turn(dana, "nevus", "melanoma", model=MELANOMA),
                    Turn(erin, "melanoma", role="second", model=MELANOMA))  # fmt: skip
    before, signed = picture().of_all.agreement.diagnosis
    assert (before.n, signed.n) == (30, 30)
    assert value(before) < KAPPA < value(signed)  # type: ignore[operator]


def test_a_pair_of_which_one_was_not_blind_counts_only_as_signed(
    picture: PictureOf, northside: Organisation, dana: User, erin: User
) -> None:
    read_twice(northside, dana, erin)
    closed_case(northside, Turn(dana, blind=False), Turn(erin, role="second"))
    closed_case(northside, Turn(dana), Turn(erin, role="second", blind=False))
    found = picture().of_all.agreement
    assert (found.pairs, found.not_blind) == (27, 2)
    assert (found.diagnosis[0].n, found.diagnosis[1].n) == (25, 27)


def test_ones_own_agreement_is_that_with_colleagues(
    picture: PictureOf, northside: Organisation, dana: User, erin: User, fay: User
) -> None:
    read_twice(northside, dana, erin)
    read_twice(northside, fay, dana)
    read_twice(northside, erin, fay)
    assert picture().of_all.agreement.pairs == 75
    own = picture().of_reader(dana.pk).agreement
    assert own.pairs == 50
    # Dana's opinion comes first in each: 24 nevi twice, 16 melanomas twice, 5 and 5 differ.
    by_chance = (29 * 29 + 21 * 21) / 50**2
    assert value(own.diagnosis[0]) == pytest.approx((40 / 50 - by_chance) / (1 - by_chance))


def test_adjudications_amendments_and_single_reads_are_no_pairs(
    picture: PictureOf, northside: Organisation, dana: User, erin: User, fay: User
) -> None:
    closed_case(northside, Turn(dana))
    closed_case(northside, Turn(dana), Turn(erin, "melanoma", role="second"),
                Turn(fay, role="adjudication"), Turn(dana, role="amendment"),
                state="amended")  # fmt: skip
    found = picture().of_all.agreement
    assert found.pairs == 1
    assert found.diagnosis[0] == Figure(1, is_too_few=True)
    assert picture().of_reader(fay.pk).agreement.pairs == 0


def test_nineteen_pairs_are_too_few(
    picture: PictureOf, northside: Organisation, dana: User, erin: User
) -> None:
    for number in range(19):
        code = "nevus" if number % 2 else "melanoma"
        closed_case(northside, Turn(dana, code, model=NEVUS), Turn(erin, code, role="second"))
    assert picture().of_all.agreement.diagnosis[0] == Figure(19, is_too_few=True)
