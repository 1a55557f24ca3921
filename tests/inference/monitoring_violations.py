"""Every rule of monitoring's rows, broken once."""

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from inference.models import FeatureProjection, ImageStatistics, ServiceAlert
from tests.factories import LesionImageFactory, PredictionFactory
from tests.inference.monitoring_rows import a_service_alert


def twice_open() -> None:
    answer = PredictionFactory()
    for _ in range(2):
        a_service_alert(answer, organisation=None)


def closed_too_early() -> ServiceAlert:
    return a_service_alert(PredictionFactory(), closed_at=timezone.now() - timedelta(days=1))


MONITORING_VIOLATIONS: dict[str, Callable[[], object]] = {
    "image_statistics_are_in_their_ranges": lambda: ImageStatistics.objects.create(
        image=LesionImageFactory(), brightness=1.5, contrast=0, hue=0, saturation=0, sharpness=0,
        dark_border=0,
    ),
    "projection_is_on_a_few_directions": lambda: FeatureProjection.objects.create(
        prediction=PredictionFactory(), values=[0.0] * 9
    ),
    "one_open_alert_of_a_measure": twice_open,
    "alert_measure_is_known": lambda: a_service_alert(PredictionFactory(), measure="mood"),
    "alert_closes_after_it_opens": closed_too_early,
    "acknowledged_alert_has_person_and_note": lambda: a_service_alert(
        PredictionFactory(), acknowledged_at=timezone.now()
    ),
}  # fmt: skip
