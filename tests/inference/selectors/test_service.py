"""How the model's service stands, on the administrator's page and in a case's history."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation, User
from inference.selectors.service import case_answered, service_state
from tests.cast import signed_in
from tests.factories import (
    CaseFactory,
    LesionImageFactory,
    ModelVersionFactory,
    PatientFactory,
    PredictionFactory,
)


def test_waiting_and_failed_answers_are_counted_for_ones_own_organisation(
    ada: User, northside: Organisation, southside: Organisation
) -> None:
    model = ModelVersionFactory(name="resnet18", version="1.0.0")
    long_ago = timezone.now() - timedelta(hours=2)
    for organisation in (northside, southside):
        case = CaseFactory(patient=PatientFactory(organisation=organisation))
        image = LesionImageFactory(case=case)
        PredictionFactory(image=image, model_version=model, queued_at=long_ago)
        for trait in ("answered", "failed"):
            other = LesionImageFactory(case=case, lesion=image.lesion)
            PredictionFactory(image=other, model_version=model, **{trait: True})
    state = service_state(ada, northside)
    assert (state.waiting, state.running, state.failed) == (1, 0, 1)
    assert (state.model, state.oldest) == (model, long_ago)
    page = signed_in(ada).get(reverse("home")).content.decode()
    assert "resnet18 1.0.0" in page
    assert "for 2\u00a0h" in page


def test_without_a_model_the_administrator_is_told(ada: User, northside: Organisation) -> None:
    assert service_state(ada, northside).model is None
    assert "No model" in signed_in(ada).get(reverse("home")).content.decode()


def test_the_answers_stand_in_the_history_where_they_came(
    alice: User, northside: Organisation
) -> None:
    case = CaseFactory(patient=PatientFactory(organisation=northside), submitted=True)
    model = ModelVersionFactory(name="resnet18", version="1.0.0")
    shadow = ModelVersionFactory(name="shadow", version="2.0.0", state="shadow")
    for _ in range(2):
        image = LesionImageFactory(case=case)
        PredictionFactory(image=image, model_version=model, answered=True)
        PredictionFactory(image=image, model_version=shadow, answered=True)
    [answered] = case_answered(alice, case)
    assert (answered.model, answered.images) == ("resnet18 1.0.0", 2)
    page = signed_in(alice).get(reverse("case-detail", args=[case.pk])).content.decode()
    history = page.split('id="history-heading"')[1]
    assert "Answered by resnet18 1.0.0" in history
    assert history.index("Submitted") < history.index("Answered by")
    assert "shadow" not in history
