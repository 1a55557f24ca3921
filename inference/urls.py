"""Addresses of models and predictions."""

from django.urls import path

from inference.views import answers

urlpatterns = [
    path("cases/<uuid:key>/answers/", answers.case_answers, name="case-answers"),
    path("predictions/<uuid:key>/saliency.png", answers.saliency, name="prediction-saliency"),
    path("predictions/<uuid:key>/retry/", answers.retry, name="prediction-retry"),
]
