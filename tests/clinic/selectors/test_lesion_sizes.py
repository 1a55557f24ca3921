"""The size of a lesion at two visits, from the outlines that this person may see."""

import math

import pytest

from accounts.models import Organisation, User
from clinic.models import Case, Lesion, LesionImage, ReadingPolicy
from clinic.selectors.lesion_sizes import compare_sizes, outlined_sizes
from clinic.templatetags.clinic_timeline import earlier_size, later_size, size_change
from tests.clinic.annotated import draw, ellipse, on_the_desk
from tests.clinic.lesion_history import SIZE, visit
from tests.clinic.reading_cases import second_dermatologist, sign_as
from tests.factories import LesionFactory, PatientFactory

pytestmark = pytest.mark.django_db
MICROMETRES = 20.0


@pytest.fixture
def lesion(northside: Organisation) -> Lesion:
    return LesionFactory(patient=PatientFactory(organisation=northside))


def image_of(case: Case) -> LesionImage:
    return case.images.select_related("case").get()


def said(user: User, before: Case, after: Case) -> list[tuple[str, str, str, str]]:
    left, right = image_of(before), image_of(after)
    sizes = outlined_sizes(user, [left, right])
    compared = compare_sizes(sizes, left=left, right=right)
    return [
        (row.name, *(word(row).replace("\u00a0", " ") for word in (earlier_size, later_size,
                                                                   size_change)))
        for row in compared.rows
    ]  # fmt: skip


def test_both_spacings_known_gives_millimetres_and_the_change(dana: User, lesion: Lesion) -> None:
    ago = visit(lesion, days_ago=300, number=1, radii=(100, 70), outlined_by=dana,
                signed_by=dana, pixel_spacing_um=MICROMETRES)  # fmt: skip
    now = visit(lesion, days_ago=1, number=2, radii=(130, 70), outlined_by=dana,
                pixel_spacing_um=MICROMETRES)  # fmt: skip
    mm = MICROMETRES / 1000
    area = math.pi * 100 * 70 * mm**2
    assert f"{area:.1f}" == "8.8"
    assert said(dana, ago, now) == [
        ("Area", "8.8 mm²", "11.4 mm²", "+2.6 mm² (+30 %)"),
        ("Longest diameter", "4.0 mm", "5.2 mm", "+1.2 mm (+30 %)"),
    ]


def test_one_unknown_spacing_gives_per_cent_of_the_picture(dana: User, lesion: Lesion) -> None:
    ago = visit(lesion, days_ago=300, number=1, radii=(120, 80), outlined_by=dana,
                signed_by=dana, pixel_spacing_um=MICROMETRES)  # fmt: skip
    now = visit(lesion, days_ago=1, number=2, radii=(100, 80), outlined_by=dana)
    share = 100 * math.pi * 120 * 80 / (SIZE[0] * SIZE[1])
    assert f"{share:.1f}" == "9.8"
    assert said(dana, ago, now) == [
        ("Area", "9.8 %", "8.2 %", "−1.6 points (−17 %)"),
        ("Longest diameter", "37.5 %", "31.2 %",
         "−6.2 points (−17 %)"),
    ]  # fmt: skip


def test_the_same_outline_is_no_change(dana: User, lesion: Lesion) -> None:
    ago = visit(lesion, days_ago=300, number=1, outlined_by=dana, signed_by=dana)
    now = visit(lesion, days_ago=1, number=2, outlined_by=dana)
    assert [row[3] for row in said(dana, ago, now)] == ["No change", "No change"]


def test_a_visit_without_an_outline_says_so(dana: User, lesion: Lesion) -> None:
    ago = visit(lesion, days_ago=300, number=1, pixel_spacing_um=MICROMETRES)
    now = visit(lesion, days_ago=1, number=2, outlined_by=dana, pixel_spacing_um=MICROMETRES)
    assert said(dana, ago, now)[1] == ("Longest diameter", "Not outlined", "4.8 mm", "")
    left, right = image_of(ago), image_of(now)
    assert compare_sizes(outlined_sizes(dana, [left, right]), left=left, right=right).is_outlined
    assert not compare_sizes({}, left=left, right=right).is_outlined


def test_a_colleagues_outline_of_an_open_case_is_not_measured(
    northside: Organisation, dana: User, alice: User, lesion: Lesion
) -> None:
    case = visit(lesion, days_ago=1, number=1, outlined_by=dana)
    image = image_of(case)
    erin = second_dermatologist(northside)
    assert outlined_sizes(dana, [image])
    assert outlined_sizes(erin, [image]) == {}
    assert outlined_sizes(alice, [image]) == {}
    sign_as(dana, case)
    assert outlined_sizes(erin, [image]) == outlined_sizes(dana, [image])


def test_the_outline_of_the_answer_counts_and_two_parts_are_one_lesion(
    northside: Organisation, dana: User, lesion: Lesion
) -> None:
    ReadingPolicy.objects.create(organisation=northside, second_read_share=100)
    case = visit(lesion, days_ago=1, number=1, outlined_by=dana, signed_by=dana)
    image = image_of(case)
    alone = outlined_sizes(dana, [image])[image.pk]
    erin = second_dermatologist(northside)
    draw(on_the_desk(case, erin), erin, label="lesion_border", target=ellipse(320, 240, 30, 30))
    draw(image, erin, label="lesion_border", target=ellipse(100, 240, 20, 20))
    draw(image, erin, label="globules", target=ellipse(500, 400, 60, 60))
    both = outlined_sizes(erin, [image])[image.pk]
    assert both.area_px == pytest.approx(math.pi * (30**2 + 20**2), rel=0.02)
    assert both.diameter_px == pytest.approx(220 + 30 + 20, rel=0.02)
    sign_as(erin, case)
    case.refresh_from_db()
    answered = outlined_sizes(dana, [image_of(case)])[image.pk]
    assert answered == (alone if case.answer.reader == dana else both)
