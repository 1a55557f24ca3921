"""Whose annotations a person sees."""

import pytest

from accounts.models import Organisation, Role, User
from accounts.services import grant_role
from clinic.models import Annotation, Case, CaseState, Reading, ReadingPolicy
from clinic.selectors.annotations import annotation_history, image_annotations, visible_annotations
from clinic.services.annotations import delete_annotation
from clinic.services.reading import commit_reading, save_read
from tests.clinic.annotated import draw, ellipse, on_the_desk
from tests.clinic.reading_cases import second_dermatologist, sign_as, waiting_case
from tests.factories import UserFactory, diagnosis


@pytest.fixture
def case(northside: Organisation) -> Case:
    ReadingPolicy.objects.update_or_create(
        organisation=northside, defaults={"second_read_share": 100}
    )
    return waiting_case(northside, answer="none")


@pytest.fixture
def drawn(case: Case, dana: User) -> Annotation:
    """By Dana in her open reading."""
    return draw(on_the_desk(case, dana), dana)


def sees(person: User, row: Annotation) -> bool:
    listed = visible_annotations(person).filter(key=row.key).exists()
    assert listed == annotation_history(person, row.key).exists()
    assert listed == image_annotations(person, row.image).filter(key=row.key).exists()
    return listed


def test_what_is_drawn_in_an_open_reading_is_seen_by_its_reader_alone(
    northside: Organisation, drawn: Annotation, dana: User, alice: User, ada: User, bob: User
) -> None:
    erin = second_dermatologist(northside)
    assert sees(dana, drawn)
    assert [sees(person, drawn) for person in (erin, alice, ada, bob)] == [False] * 4


def test_the_second_reader_sees_the_firsts_drawings_when_the_own_read_is_signed(
    northside: Organisation, drawn: Annotation, case: Case, dana: User, alice: User, bob: User
) -> None:
    erin = second_dermatologist(northside)
    sign_as(dana, case)
    case.refresh_from_db()
    assert case.state == CaseState.SECOND_READ
    own = draw(on_the_desk(case, erin), erin)
    assert not sees(erin, drawn)
    assert not sees(dana, own)
    assert sees(alice, drawn)  # who does not read is not blinded
    assert not sees(alice, own)
    sign_as(erin, case)
    case.refresh_from_db()
    assert case.state == CaseState.FINAL
    assert sees(erin, drawn)
    assert sees(dana, own)
    assert not sees(bob, drawn)


def test_the_adjudicator_sees_both_after_the_own_commit(
    northside: Organisation, drawn: Annotation, case: Case, dana: User
) -> None:
    erin = second_dermatologist(northside)
    fay = UserFactory(full_name="Fay Fontaine")
    grant_role(user=fay, organisation=northside, role=Role.DERMATOLOGIST)
    sign_as(dana, case, "nevus")
    sign_as(erin, case, "melanoma", "excise")
    case.refresh_from_db()
    assert case.state == CaseState.DISCORDANT
    image = on_the_desk(case, fay)
    assert not sees(fay, drawn)
    save_read(
        case=case, lesion=image.lesion, reader=fay,
        diagnosis=diagnosis("melanoma"), management="excise",
    )  # fmt: skip
    commit_reading(case=case, reader=fay)
    assert sees(fay, drawn)


def test_drawings_of_a_reading_that_was_never_signed_stay_their_drawers(
    northside: Organisation, drawn: Annotation, case: Case, dana: User, alice: User
) -> None:
    Reading.objects.update(holds_case=False)
    erin = second_dermatologist(northside)
    sign_as(erin, case)
    Case.objects.filter(pk=case.pk).update(state=CaseState.FINAL, finalised_at=case.submitted_at)
    assert sees(dana, drawn)
    assert not sees(erin, drawn)
    assert not sees(alice, drawn)


def test_only_the_newest_version_counts_and_a_tombstone_hides_it(
    drawn: Annotation, dana: User
) -> None:
    changed = draw(drawn.image, dana, key=drawn.key, version=1, target=ellipse())
    row = visible_annotations(dana).get()
    assert row == changed
    assert row.made_at == drawn.created_at
    delete_annotation(image=drawn.image, actor=dana, key=drawn.key, version=2)
    assert not visible_annotations(dana).exists()
    assert [v.version for v in annotation_history(dana, drawn.key)] == [1, 2, 3]
