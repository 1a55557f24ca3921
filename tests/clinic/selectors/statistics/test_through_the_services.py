"""The same figures from readings that the workflow's own services made."""

import pytest

from accounts.models import Organisation, User
from clinic.services import (
    change_reading_policy,
    commit_reading,
    reconsider_read,
    record_pathology,
    reveal_opinion,
    save_read,
    sign_reading,
)
from tests.clinic.reading_cases import sign_as, waiting_case
from tests.clinic.selectors.statistics.conftest import PictureOf
from tests.factories import diagnosis

pytestmark = pytest.mark.django_db


def test_a_change_of_mind_and_a_second_read(
    picture: PictureOf, northside: Organisation, alice: User, ada: User, dana: User, erin: User
) -> None:
    """The model says melanoma with 67 %; Dana changes her mind, Erin agrees, histology too."""
    change_reading_policy(organisation=northside, actor=ada, second_read_share=100)
    case = waiting_case(northside, answer="answered")
    lesion = case.patient.lesions.get()
    save_read(case=case, lesion=lesion, reader=dana, diagnosis=diagnosis("nevus"),
              management="excise")  # fmt: skip
    commit_reading(case=case, reader=dana)
    reveal_opinion(case=case, reader=dana)
    reconsider_read(case=case, lesion=lesion, reader=dana, diagnosis=diagnosis("melanoma"),
                    management="excise", reason="The atypical network.")  # fmt: skip
    sign_reading(case=case, reader=dana)
    sign_as(erin, case, "melanoma", "excise")
    record_pathology(
        lesion=lesion, diagnosis=diagnosis("melanoma-in-situ"), method="histo", actor=alice
    )
    work = picture().of_all
    found = work.comparison
    assert (found.all, found.compared, found.not_blind) == (2, 2, 0)
    three = (found.reader, found.model, found.after)
    assert [(one.sensitivity.hits, one.sensitivity.n) for one in three] == [(1, 2), (2, 2), (2, 2)]
    assert (work.minds.changed, work.minds.shown, work.minds.diagnosis.better) == (1, 2, 1)
    assert work.agreement.pairs == 1
    assert picture().of_reader(erin.pk).minds.changed == 0


def test_reads_made_while_blind_reading_was_off_are_not_the_reader_alone(
    picture: PictureOf, northside: Organisation, ada: User, dana: User
) -> None:
    change_reading_policy(organisation=northside, actor=ada, blind=False)
    sign_as(dana, waiting_case(northside, answer="answered"), "nevus")
    found = picture().of_all
    assert (found.comparison.all, found.comparison.not_blind) == (1, 1)
    assert found.minds.shown == 0
