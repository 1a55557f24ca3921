"""Addresses of models and predictions."""

from django.urls import path

from inference.views import answers, comparisons, monitoring, shadow, similar, training

urlpatterns = [
    path("training/", training.training_list, name="training-list"),
    path("training/<uuid:key>/", training.training_run, name="training-run"),
    path("training/<uuid:key>/cancel/", training.training_cancel, name="training-cancel"),
    path("training/<uuid:key>/again/", training.training_again, name="training-again"),
    path("training/on/<uuid:key>/", training.training_start, name="training-start"),
    path("monitoring/", monitoring.monitoring, name="monitoring"),
    path(
        "monitoring/alerts/<uuid:key>/acknowledge/",
        monitoring.acknowledge,
        name="monitoring-acknowledge",
    ),
    path("metrics", monitoring.metrics, name="metrics"),
    path("comparisons/<uuid:key>/", comparisons.comparison, name="comparison"),
    path("shadow/<uuid:key>/", shadow.shadow, name="shadow"),
    path("cases/<uuid:key>/answers/", answers.case_answers, name="case-answers"),
    path(
        "cases/<uuid:key>/lesions/<uuid:lesion>/similar/",
        similar.lesion_similar,
        name="lesion-similar",
    ),
    path("predictions/<uuid:key>/saliency.png", answers.saliency, name="prediction-saliency"),
    path("predictions/<uuid:key>/retry/", answers.retry, name="prediction-retry"),
]
