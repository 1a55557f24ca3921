"""Addresses of models and predictions."""

from django.urls import path

from inference.views import answers, similar

urlpatterns = [
    path("cases/<uuid:key>/answers/", answers.case_answers, name="case-answers"),
    path(
        "cases/<uuid:key>/lesions/<uuid:lesion>/similar/",
        similar.lesion_similar,
        name="lesion-similar",
    ),
    path("predictions/<uuid:key>/saliency.png", answers.saliency, name="prediction-saliency"),
    path("predictions/<uuid:key>/retry/", answers.retry, name="prediction-retry"),
]
