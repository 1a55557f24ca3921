"""The page of a lesion over time."""

import re
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Organisation, User
from clinic.models import Lesion, ReadingPolicy
from clinic.selectors.lesion_visits import lesion_visits
from clinic.templatetags.clinic_timeline import interval
from tests.cast import signed_in
from tests.clinic.lesion_history import visit
from tests.clinic.reading_cases import answer_to, second_dermatologist, sign_as
from tests.factories import LesionFactory, PatientFactory

MOST_QUERIES = 12


@pytest.fixture
def lesion(northside: Organisation) -> Lesion:
    return LesionFactory(patient=PatientFactory(organisation=northside))


def address(lesion: Lesion, query: str = "") -> str:
    return reverse("lesion-timeline", args=[lesion.pk]) + query


def page(user: User, lesion: Lesion, query: str = "") -> str:
    response: HttpResponse = signed_in(user).get(address(lesion, query))
    assert response.status_code == 200
    return " ".join(response.content.decode().replace("\u00a0", " ").split())


def test_every_role_of_the_site_opens_it_and_a_stranger_finds_nothing(
    alice: User, dana: User, ada: User, bob: User, lesion: Lesion
) -> None:
    visit(lesion, days_ago=30, number=1)
    visit(lesion, days_ago=1, number=2)
    for person in (alice, dana, ada):
        assert "Lesion 1 over time</h1>" in page(person, lesion)
    assert signed_in(bob).get(address(lesion)).status_code == 404


def test_two_visits_stand_beside_each_other_without_a_script(dana: User, lesion: Lesion) -> None:
    old = visit(lesion, days_ago=40, number=1).images.get()
    new = visit(lesion, days_ago=1, number=2).images.get()
    html = page(dana, lesion)
    for image in (old, new):
        assert f'src="{reverse("image-screen", args=[image.pk])}"' in html
    assert html.index(reverse("image-screen", args=[old.pk])) < html.index(
        reverse("image-screen", args=[new.pk])
    )
    assert "5 weeks apart" in html
    assert "Not outlined: the size stands here" in html


def test_links_choose_which_two(dana: User, lesion: Lesion) -> None:
    images = [visit(lesion, days_ago=90 - 10 * n, number=n).images.get() for n in range(1, 5)]
    html = page(dana, lesion)
    chosen = f"?left={images[1].pk}&amp;right={images[3].pk}"
    assert f'href="{chosen}"' in html
    html = page(dana, lesion, chosen.replace("&amp;", "&"))
    assert reverse("image-screen", args=[images[1].pk]) in html
    assert reverse("image-screen", args=[images[2].pk]) not in html
    # A visit never comes to stand on the wrong side of the other one.
    assert f"left={images[3].pk}" not in html
    assert f"right={images[0].pk}" not in html
    # Whoever came with a swipe goes on swiping.
    swiping = page(dana, lesion, "?view=swipe")
    assert f"left={images[1].pk}&amp;right={images[3].pk}&amp;view=swipe" in swiping
    assert 'data-view="swipe"' in swiping
    assert 'data-view=""' in page(dana, lesion, "?view=&lt;script&gt;")


def test_the_other_pictures_of_a_visit_can_be_shown(dana: User, lesion: Lesion) -> None:
    old = visit(lesion, days_ago=90, number=1, kinds=("dermoscopic", "close_up"))
    new = visit(lesion, days_ago=10, number=2, kinds=("dermoscopic", "close_up"))
    html = page(dana, lesion)
    close_ups = [case.images.get(kind="close_up").pk for case in (old, new)]
    # A picture of another kind brings its like from the other visit along.
    assert html.count(f"?left={close_ups[0]}&amp;right={close_ups[1]}") == 2
    assert "taken in different ways" not in html


def test_pictures_of_different_kinds_are_not_passed_off_as_alike(
    dana: User, lesion: Lesion
) -> None:
    visit(lesion, days_ago=90, number=1, kinds=("close_up",))
    visit(lesion, days_ago=10, number=2)
    assert "taken in different ways" in page(dana, lesion)


def test_sizes_stand_beside_each_other_with_the_change(dana: User, lesion: Lesion) -> None:
    for number, days_ago, radii in ((1, 255, (100, 70)), (2, 5, (130, 70))):
        visit(lesion, days_ago=days_ago, number=number, radii=radii, outlined_by=dana,
              signed_by=dana, pixel_spacing_um=20.0)  # fmt: skip
    html = page(dana, lesion)
    assert "8 months apart" in html
    assert "8.8 mm²" in html
    assert "+2.6 mm² (+30 %)" in html
    assert "in per cent of the picture" not in html


def test_sizes_without_a_spacing_carry_their_caveat(dana: User, lesion: Lesion) -> None:
    for number, days_ago in ((1, 250), (2, 5)):
        visit(lesion, days_ago=days_ago, number=number, outlined_by=dana, signed_by=dana)
    html = page(dana, lesion)
    assert 'Area <span class="quiet small">of the picture</span>' in html
    assert "change with distance and zoom as well" in html


def test_a_lesion_seen_once_or_never_says_what_comes_next(dana: User, lesion: Lesion) -> None:
    assert "No visit yet" in page(dana, lesion)
    case = visit(lesion, days_ago=1, number=1)
    html = page(dana, lesion)
    assert "One visit so far" in html
    assert reverse("image-screen", args=[case.images.get().pk]) in html


def test_nothing_of_an_open_case_reaches_the_page(
    northside: Organisation, dana: User, alice: User, ada: User, lesion: Lesion
) -> None:
    ReadingPolicy.objects.create(organisation=northside, second_read_share=100)
    closed = visit(lesion, days_ago=90, number=1)
    erin = second_dermatologist(northside)
    sign_as(dana, closed, "dermatofibroma")
    sign_as(erin, closed, "dermatofibroma")
    open_case = visit(lesion, days_ago=1, number=2, outlined_by=dana, pixel_spacing_um=20.0)
    answer_to(open_case.images.get())
    sign_as(dana, open_case, "melanoma", comment="Surely one.")
    for person in (erin, alice, ada):
        # Keys are random, and would now and then spell a number.
        html = re.sub(r"[0-9a-f-]{36}", "", page(person, lesion).split("<main")[1])
        assert "Dermatofibroma" in html
        assert "No answer yet" in html
        for told in ("elanoma", "67", "Surely", "econd read", "iscordant", "Malignant"):
            assert told not in html, f"{told} reached {person}"
    # Who does not read is shown a signed outline; who may still read it is not.
    assert "Not outlined: the size" in page(erin, lesion)


def test_the_strip_leads_to_the_comparison_and_keeps_the_same_silence(
    northside: Organisation, dana: User, lesion: Lesion
) -> None:
    visit(lesion, days_ago=90, number=1, signed_by=dana, code="dermatofibroma")
    open_case = visit(lesion, days_ago=1, number=2)
    erin = second_dermatologist(northside)
    visits = lesion_visits(erin, [lesion])[lesion.pk]
    context = {"lesion": lesion, "visits": visits, "case": open_case}
    html = " ".join(render_to_string("clinic/timeline/_strip.html", context).split())
    assert address(lesion) in html
    assert "Dermatofibroma" in html
    assert "This visit" in html
    context["case"] = visits[0].case
    html = render_to_string("clinic/timeline/_strip.html", context)
    assert "No answer yet" in html
    context["visits"] = visits[:1]
    assert render_to_string("clinic/timeline/_strip.html", context).strip() == ""


def test_a_long_history_asks_no_more_than_a_short_one(dana: User, lesion: Lesion) -> None:
    for number in (1, 2):
        visit(lesion, days_ago=100 - number, number=number, outlined_by=dana, signed_by=dana)
    client = signed_in(dana)
    client.get(address(lesion))
    with CaptureQueriesContext(connection) as few:
        client.get(address(lesion))
    for number in range(3, 21):
        visit(lesion, days_ago=100 - number, number=number, outlined_by=dana, signed_by=dana)
    with CaptureQueriesContext(connection) as many:
        assert client.get(address(lesion)).status_code == 200
    assert len(many) == len(few) <= MOST_QUERIES


@pytest.mark.parametrize(
    ("earlier", "later", "words"),
    [
        ((2026, 3, 1), (2026, 3, 1), "the same day"),
        ((2026, 3, 1), (2026, 3, 2), "1 day"),
        ((2026, 3, 1), (2026, 3, 14), "13 days"),
        ((2026, 3, 1), (2026, 3, 15), "2 weeks"),
        ((2026, 1, 1), (2026, 2, 28), "8 weeks"),
        ((2026, 1, 1), (2026, 3, 1), "2 months"),
        ((2025, 12, 31), (2026, 2, 28), "2 months"),
        ((2025, 3, 20), (2025, 11, 20), "8 months"),
        ((2025, 3, 20), (2025, 11, 19), "7 months"),
        ((2024, 3, 1), (2026, 2, 28), "23 months"),
        ((2024, 2, 29), (2026, 2, 28), "2 years"),
        ((2024, 3, 1), (2026, 4, 1), "2 years 1 month"),
        ((2020, 1, 1), (2026, 4, 2), "6 years 3 months"),
    ],
)
def test_intervals_are_said_in_words(
    earlier: tuple[int, int, int], later: tuple[int, int, int], words: str
) -> None:
    said = interval(datetime(*earlier, 12, tzinfo=UTC), datetime(*later, 12, tzinfo=UTC))
    assert said.replace("\u00a0", " ") == words
