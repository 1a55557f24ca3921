"""What is known of each lesion: its last picture, what it was called, what it turned out to be."""

from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.models import Organisation, User
from clinic.models import Case
from clinic.selectors.lesion_summaries import images_by_lesion, lesion_summaries
from clinic.services import commit_reading, record_pathology, reveal_opinion, sign_reading
from tests.clinic.reading_cases import add_picture, waiting_case
from tests.factories import diagnosis


def test_each_lesion_has_its_newest_picture_its_read_and_its_pathology(
    northside: Organisation, alice: User, dana: User
) -> None:
    case = waiting_case(northside, lesions=2, answer="none")
    first, second = case.patient.lesions.order_by("number")
    newest = add_picture(case, first)
    opinion = {"diagnosis": diagnosis("nevus"), "management": "discharge"}
    commit_reading(case=case, reader=dana, opinions={first.pk: opinion, second.pk: opinion})
    reveal_opinion(case=case, reader=dana)
    sign_reading(case=case, reader=dana)
    record_pathology(lesion=first, diagnosis=diagnosis("melanoma"), method="histo", actor=alice)
    one, two = lesion_summaries(alice, case.patient)
    assert (one.lesion, one.last_image, one.image_count) == (first, newest, 2)
    assert one.read is not None
    assert one.read.diagnosis == diagnosis("nevus")
    assert [result.diagnosis.code for result in one.pathology] == ["melanoma"]
    assert (two.lesion, two.image_count, two.pathology) == (second, 1, [])


def test_pictures_of_a_cancelled_case_do_not_count(northside: Organisation, alice: User) -> None:
    case = waiting_case(northside, answer="none")
    Case.objects.filter(pk=case.pk).update(state="cancelled", cancelled_reason="Wrong arm.")
    [summary] = lesion_summaries(alice, case.patient)
    assert (summary.image_count, summary.last_image) == (0, None)


def test_a_stranger_learns_nothing(northside: Organisation, bob: User) -> None:
    assert lesion_summaries(bob, waiting_case(northside, answer="none").patient) == []


def test_ten_lesions_take_as_many_queries_as_one(
    northside: Organisation, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for lesions in (1, 10):
        case = waiting_case(northside, lesions=lesions, answer="none")
        with django_assert_num_queries(4):
            assert len(lesion_summaries(alice, case.patient)) == lesions


def test_images_are_grouped_by_the_number_of_their_lesion(northside: Organisation) -> None:
    case = waiting_case(northside, lesions=2, images=2, answer="none")
    images = case.images.select_related("lesion").order_by("-lesion__number")
    grouped = images_by_lesion(images)
    assert [(lesion.number, len(of_it)) for lesion, of_it in grouped] == [(1, 2), (2, 2)]
