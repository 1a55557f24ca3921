"""Picks of an organisation: what they go by, what they leave alone, and whom they keep out."""

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.errors import NotAllowed
from accounts.models import Organisation, User
from clinic.models import AnnotationPick, Case, PickReason, ResearchConsent
from inference.learning.audit import in_audit
from inference.learning.picks import AUDIT_SHARE, Reason, Strategy
from inference.services.learning import pick_cases
from inference.tasks_learning import pick_cases_task, pick_everywhere_task
from tests.clinic.reading_cases import sign_as, waiting_case
from tests.dataset_factories import a_sealed_test_set
from tests.inference.seen_cases import see, seen_case, signed_case

SURE, UNSURE = {"nv": 0.97}, {"nv": 0.4, "mel": 0.3}


def seed_without_audit(*cases: Case) -> str:
    """A seed by which none of these cases belongs to the audit."""
    keys = [str(case.pk) for case in cases]
    return next(
        str(seed)
        for seed in range(100_000)
        if not any(in_audit(keys, seed=str(seed), share=AUDIT_SHARE))
    )


def picked(organisation: Organisation) -> list[Case]:
    """The cases picked, in their order."""
    rows = AnnotationPick.objects.filter(organisation=organisation).select_related("case")
    return [row.case for row in rows.order_by("rank")]


def test_every_reason_of_the_strategies_can_be_recorded() -> None:
    assert {reason.value for reason in Reason} == set(PickReason.values)


def test_the_model_s_doubt_decides_the_order(northside: Organisation) -> None:
    sure, unsure = (seen_case(northside, shares=shares) for shares in (SURE, UNSURE))
    middling = seen_case(northside, shares={"nv": 0.8})
    pick_cases(
        organisation=northside, strategy=Strategy.ENTROPY, count=2,
        seed=seed_without_audit(sure, unsure, middling),
    )  # fmt: skip
    assert set(picked(northside)) == {unsure, middling}
    assert picked(northside)[0] == unsure
    assert [row.reason for row in AnnotationPick.objects.all()] == ["uncertain"] * 2


def test_doubt_about_a_class_that_was_seldom_signed_counts_for_more(
    northside: Organisation, dana: User
) -> None:
    for _ in range(4):
        signed_case(northside, dana, shares=SURE, code="nevus")
        signed_case(northside, dana, shares={"bkl": 0.97}, code="seborrheic-keratosis")
    common = seen_case(northside, shares={"nv": 0.5, "bkl": 0.48})
    rare = seen_case(northside, shares={"nv": 0.55, "df": 0.43})
    seed = seed_without_audit(common, rare)
    pick_cases(organisation=northside, strategy=Strategy.ENTROPY, count=1, seed=seed)
    assert picked(northside) == [common]
    pick_cases(organisation=northside, strategy=Strategy.WEIGHTED_ENTROPY, count=1, seed=seed)
    assert picked(northside) == [rare]


def test_what_looks_unlike_everything_signed_comes_first_by_k_center(
    northside: Organisation, dana: User
) -> None:
    signed_case(northside, dana, 0, shares=SURE, code="nevus")
    near, far = (seen_case(northside, degrees, shares=SURE) for degrees in (10, 150))
    seed = seed_without_audit(near, far)
    pick_cases(organisation=northside, strategy=Strategy.K_CENTER, count=1, seed=seed)
    assert picked(northside) == [far]


def test_what_looks_like_a_case_on_which_reader_and_model_differed_comes_first(
    northside: Organisation, dana: User
) -> None:
    signed_case(northside, dana, 0, shares=SURE, code="nevus")
    signed_case(northside, dana, 90, shares=SURE, code="melanoma")
    agreed, disputed = (seen_case(northside, degrees, shares=SURE) for degrees in (5, 85))
    seed = seed_without_audit(agreed, disputed)
    pick_cases(organisation=northside, strategy=Strategy.DISAGREEMENT, count=1, seed=seed)
    assert picked(northside) == [disputed]
    assert AnnotationPick.objects.get().reason == "disagreement"


def test_a_skin_type_of_which_few_were_signed_comes_first(
    northside: Organisation, dana: User
) -> None:
    def of_type(case: Case, skin_type: int) -> Case:
        case.patient.fitzpatrick_type = skin_type
        case.patient.save()
        return case

    for _ in range(3):
        of_type(signed_case(northside, dana, shares=SURE, code="nevus"), 2)
    common, scarce = (of_type(seen_case(northside, shares=SURE), each) for each in (2, 6))
    seed = seed_without_audit(common, scarce)
    pick_cases(organisation=northside, strategy=Strategy.SCARCE, count=1, seed=seed)
    assert picked(northside) == [scarce]


def test_a_case_stands_for_the_lesion_that_the_model_is_least_sure_of(
    northside: Organisation,
) -> None:
    two = waiting_case(northside, lesions=2, answer="none")
    for image, shares in zip(two.images.all(), (SURE, UNSURE), strict=True):
        see(image, **shares)
    sure = seen_case(northside, shares={"nv": 0.9})
    seed = seed_without_audit(two, sure)
    pick_cases(organisation=northside, strategy=Strategy.ENTROPY, count=1, seed=seed)
    assert picked(northside) == [two]


def test_dermoscopic_images_speak_for_a_lesion_where_there_are_any(
    northside: Organisation,
) -> None:
    both = waiting_case(northside, images=2, answer="none")
    close_up, dermoscopic = both.images.order_by("pk")
    type(close_up).objects.filter(pk=close_up.pk).update(kind="close_up")
    see(close_up, **UNSURE)
    see(dermoscopic, **SURE)
    other = seen_case(northside, shares={"nv": 0.8})
    seed = seed_without_audit(both, other)
    pick_cases(organisation=northside, strategy=Strategy.ENTROPY, count=1, seed=seed)
    assert picked(northside) == [other]


def test_the_same_seed_picks_the_same_and_another_night_replaces_what_still_waits(
    northside: Organisation, dana: User
) -> None:
    cases = [seen_case(northside, number * 30, shares=UNSURE) for number in range(6)]
    pick_cases(organisation=northside, count=4)
    first = picked(northside)
    pick_cases(organisation=northside, count=4)
    assert picked(northside) == first
    assert set(AnnotationPick.objects.values_list("round", flat=True)) == {2}
    sign_as(dana, first[1])
    pick_cases(organisation=northside, count=5)
    rounds = dict(AnnotationPick.objects.values_list("case", "round"))
    assert rounds.pop(first[1].pk) == 2  # what was read keeps its row
    assert set(rounds.values()) == {3}
    assert len(rounds) == 5
    assert {case.pk for case in cases} == {first[1].pk, *rounds}


def test_nothing_of_another_organisation_is_picked_or_looked_at(
    northside: Organisation, southside: Organisation
) -> None:
    there = seen_case(southside, shares=UNSURE)
    pick_cases(organisation=southside)
    here = seen_case(northside, shares=SURE)
    pick_cases(organisation=northside)
    assert picked(northside) == [here]
    assert picked(southside) == [there]


@pytest.mark.parametrize("consent", [ResearchConsent.REFUSED, ResearchConsent.WITHDRAWN])
def test_who_said_no_to_research_is_read_for_the_audit_only(
    northside: Organisation, consent: ResearchConsent
) -> None:
    case = seen_case(northside, shares=UNSURE)
    case.patient.research_consent = consent
    case.patient.research_consent_on = case.created_at.date()
    case.patient.save()
    pick_cases(organisation=northside, seed=seed_without_audit(case))
    assert picked(northside) == []
    in_it = next(
        str(seed)
        for seed in range(1000)
        if in_audit([str(case.pk)], seed=str(seed), share=AUDIT_SHARE)[0]
    )
    pick_cases(organisation=northside, seed=in_it)
    assert picked(northside) == [case]
    assert AnnotationPick.objects.get().reason == "audit"


def test_patients_of_the_sealed_test_set_teach_nothing(northside: Organisation, dana: User) -> None:
    signed = signed_case(northside, dana, 90, shares=SURE, code="melanoma")
    a_sealed_test_set(signed.images.get())
    like_it, unlike = (seen_case(northside, degrees, shares=SURE) for degrees in (90, 0))
    again = seen_case(northside, shares=UNSURE)
    Case.objects.filter(pk=again.pk).update(patient=signed.patient)
    seed = seed_without_audit(like_it, unlike, again)
    pick_cases(organisation=northside, strategy=Strategy.DISAGREEMENT, seed=seed)
    assert set(picked(northside)) == {like_it, unlike}
    # Nothing is near a disagreement: the one that there is is sealed.
    assert set(AnnotationPick.objects.values_list("reason", flat=True)) == {"random"}


def test_the_read_of_a_case_that_is_still_open_moves_nothing(
    northside: Organisation, dana: User, ada: User
) -> None:
    """Else a second reader could tell from the list that the first one had disagreed."""
    from clinic.services import change_reading_policy

    change_reading_policy(organisation=northside, actor=ada, second_read_share=100)
    cases = [seen_case(northside, degrees, shares=SURE) for degrees in (0, 90, 180)]
    seed = seed_without_audit(*cases)

    def order() -> list[Case]:
        pick_cases(organisation=northside, strategy=Strategy.DISAGREEMENT, seed=seed)
        return picked(northside)

    before = order()
    sign_as(dana, cases[0], "melanoma")
    cases[0].refresh_from_db()
    assert cases[0].state == "second_read"
    assert order() == before


@pytest.mark.parametrize("strategy", list(Strategy))
def test_without_a_model_cases_are_drawn_at_random(
    northside: Organisation, strategy: Strategy
) -> None:
    cases = {waiting_case(northside, answer="none") for _ in range(4)}
    pick_cases(organisation=northside, strategy=strategy)
    assert set(picked(northside)) == cases
    assert set(AnnotationPick.objects.values_list("reason", flat=True)) <= {"audit", "random"}


def test_with_nothing_waiting_nothing_is_picked(northside: Organisation) -> None:
    assert pick_cases(organisation=northside) == []


def test_only_an_administrator_there_may_ask_for_it(
    northside: Organisation, dana: User, ada: User, bob: User
) -> None:
    case = waiting_case(northside, answer="none")
    for person in (dana, bob):
        with pytest.raises(NotAllowed):
            pick_cases(organisation=northside, actor=person)
    assert picked(northside) == []
    pick_cases(organisation=northside, actor=ada)
    assert picked(northside) == [case]


def test_the_number_of_queries_does_not_grow_with_the_cases(
    northside: Organisation, dana: User, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for number in range(6):
        seen_case(northside, number * 20, shares=UNSURE)
        signed_case(northside, dana, number * 20, shares=SURE, code="nevus")
    with django_assert_max_num_queries(13):
        pick_cases(organisation=northside)


def test_every_night_each_organisation_is_picked_for(
    northside: Organisation, southside: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr("accounts.doorbell.send_task", lambda task, key, **_: asked.append(key))
    Organisation.objects.filter(pk=southside.pk).update(is_active=False)
    assert pick_everywhere_task() == 1
    assert asked == [str(northside.pk)]
    waiting_case(northside, answer="none")
    assert pick_cases_task(asked[0]) == 1
    assert pick_cases_task(asked[0]) == 1
    assert len(picked(northside)) == 1


def test_the_command_says_what_it_picked(northside: Organisation) -> None:
    case = seen_case(northside, shares=UNSURE)
    out = StringIO()
    seed = seed_without_audit(case)
    call_command("pick_cases", "northside", "--strategy=entropy", f"--seed={seed}", stdout=out)
    assert out.getvalue() == "Northside Hospital: 1 case picked: 1 the model is unsure.\n"


def test_the_command_refuses_what_makes_no_sense(northside: Organisation) -> None:
    with pytest.raises(CommandError, match="There is no organisation 'nowhere'"):
        call_command("pick_cases", "nowhere")
    with pytest.raises(CommandError, match="at least one case"):
        call_command("pick_cases", "northside", "--count=0")
