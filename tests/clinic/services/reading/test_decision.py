"""Second reads by policy, agreement, adjudication."""

from typing import Any

import pytest

from accounts.errors import Conflict
from accounts.models import Organisation, Role, User
from accounts.services import grant_role
from clinic.models import Case, CaseState, Lesion, Reading
from clinic.selectors import answer_reads
from clinic.services import assign_case, change_reading_policy
from clinic.services.reading.decision import is_drawn
from clinic.signals import model_opinion_wanted
from tests.clinic.reading_cases import sign_as, waiting_case
from tests.factories import CaseFactory, UserFactory


@pytest.fixture
def fred(northside: Organisation) -> User:
    person = UserFactory(email="fred@northside.example", full_name="Fred Falk")
    grant_role(user=person, organisation=northside, role=Role.DERMATOLOGIST)
    return person


@pytest.fixture
def everything_twice(northside: Organisation, ada: User) -> None:
    change_reading_policy(organisation=northside, actor=ada, second_read_share=100)


def state_of(case: Case) -> str:
    return Case.objects.get(pk=case.pk).state


def states_of(case: Case) -> list[str]:
    """Every state that the history of the case knows, in order."""
    from django.apps import apps

    events = apps.get_model("clinic", "CaseEvent").objects.filter(pgh_obj_id=case.pk)
    states: list[str] = []
    for state in events.order_by("pgh_id").values_list("state", flat=True):
        if not states or states[-1] != state:
            states.append(state)
    return states


def test_one_read_is_the_answer_where_the_policy_asks_for_no_more(case: Case, dana: User) -> None:
    signed = sign_as(dana, case)
    assert state_of(case) == CaseState.FINAL
    assert [read.reading for read in answer_reads(dana)] == [signed]


@pytest.mark.usefixtures("everything_twice")
def test_two_readers_who_agree_close_the_case_with_the_first_read(
    case: Case, dana: User, erin: User
) -> None:
    first = sign_as(dana, case, "nevus", "discharge")
    assert state_of(case) == CaseState.SECOND_READ
    second = sign_as(erin, case, "nevus", "monitor", monitor_months=6)
    case.refresh_from_db()
    assert (case.state, case.answer, second.role) == (CaseState.FINAL, first, "second")
    assert states_of(case)[-4:] == ["first_read", "second_read", "concordant", "final"]


@pytest.mark.usefixtures("everything_twice")
def test_a_melanoma_in_situ_is_a_melanoma(case: Case, dana: User, erin: User) -> None:
    sign_as(dana, case, "melanoma", "excise")
    sign_as(erin, case, "melanoma-in-situ", "biopsy")
    assert state_of(case) == CaseState.FINAL


@pytest.mark.usefixtures("everything_twice")
@pytest.mark.parametrize(
    ("code", "management"),
    [("melanoma", "discharge"), ("seborrheic-keratosis", "discharge"), ("nevus", "excise")],
)
def test_two_readers_who_disagree_call_for_an_adjudicator(
    case: Case, dana: User, erin: User, code: str, management: str
) -> None:
    sign_as(dana, case, "nevus", "discharge")
    sign_as(erin, case, code, management)
    case.refresh_from_db()
    assert (case.state, case.answer) == (CaseState.DISCORDANT, None)


@pytest.mark.usefixtures("everything_twice")
def test_the_adjudicator_is_neither_of_them_and_has_the_last_word(
    case: Case, dana: User, erin: User, fred: User
) -> None:
    sign_as(dana, case, "nevus", "discharge")
    sign_as(erin, case, "melanoma", "excise")
    for reader in (dana, erin):
        with pytest.raises(Conflict, match="You have signed your read"):
            assign_case(case=case, reader=reader)
    assert assign_case(case=case, reader=fred).role == "adjudication"
    assert state_of(case) == CaseState.ADJUDICATION
    last = sign_as(fred, case, "melanoma", "excise")
    case.refresh_from_db()
    assert (case.state, case.answer) == (CaseState.FINAL, last)
    assert states_of(case)[-5:] == [
        "first_read", "second_read", "discordant", "adjudication", "final",
    ]  # fmt: skip


@pytest.mark.usefixtures("everything_twice")
def test_lesions_are_compared_one_by_one(northside: Organisation, dana: User, erin: User) -> None:
    case = waiting_case(northside, lesions=2, answer="none")
    sign_as(dana, case)
    sign_as(erin, case)
    assert state_of(case) == CaseState.FINAL


def test_high_malignancy_is_read_twice(northside: Organisation, dana: User, ada: User) -> None:
    change_reading_policy(organisation=northside, actor=ada, second_read_from_malignancy=50)
    high = waiting_case(northside, answer="none", malignancy=0.5)
    low = waiting_case(northside, answer="none", malignancy=0.49)
    unknown = waiting_case(northside, answer="none")
    for case in (high, low, unknown):
        sign_as(dana, case)
    assert [state_of(case) for case in (high, low, unknown)] == ["second_read", "final", "final"]


@pytest.mark.parametrize(
    ("code", "suspicious", "state"),
    [
        ("nevus", True, "second_read"), ("nevus", False, "final"),
        ("melanoma", False, "second_read"), ("melanoma", True, "final"),
        ("actinic-keratosis", True, "final"), ("nevus", None, "final"),
    ],
)  # fmt: skip
def test_reader_against_model_on_malignancy_is_read_twice(
    case: Case, lesion: Lesion, northside: Organisation, dana: User, ada: User,
    code: str, suspicious: bool | None, state: str,
) -> None:  # fmt: skip
    change_reading_policy(organisation=northside, actor=ada, second_read_on_disagreement=True)

    def say(sender: object, **_: object) -> dict[str, Any]:
        return {str(lesion.pk): {"suspicious": suspicious}}

    model_opinion_wanted.connect(say, dispatch_uid="test")
    try:
        sign_as(dana, case, code, "discharge")
    finally:
        model_opinion_wanted.disconnect(dispatch_uid="test")
    assert state_of(case) == state


def test_the_random_share_is_a_share_and_the_same_every_time() -> None:
    cases = CaseFactory.build_batch(2000, organisation=None, patient=None, submitter=None)
    drawn = [is_drawn(case, 20) for case in cases]
    assert 300 < sum(drawn) < 500
    assert drawn == [is_drawn(case, 20) for case in cases]
    assert not any(is_drawn(case, 0) for case in cases)
    assert all(is_drawn(case, 100) for case in cases)


def test_the_reader_whose_lock_was_lost_may_be_the_second(
    case: Case, lesion: Lesion, dana: User, erin: User, northside: Organisation, ada: User
) -> None:
    change_reading_policy(organisation=northside, actor=ada, second_read_share=100)
    assign_case(case=case, reader=dana)
    Reading.objects.update(holds_case=False)
    sign_as(erin, case)
    assert sign_as(dana, case).role == "second"
    assert state_of(case) == CaseState.FINAL
