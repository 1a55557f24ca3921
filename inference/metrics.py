"""What Prometheus reads: the queue, the answers and the alerts, from the database.

A fixed number of queries, whatever the number of organisations. Organisations are named by their
slug; nothing of a patient, a case or a person is in it.
"""

from collections.abc import Iterator

from django.utils import timezone
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from inference.selectors.metrics import (
    answered_lately,
    open_alert_counts,
    queue_by_organisation,
    versions_in_service,
)

__all__ = ["CONTENT_TYPE_LATEST", "metrics_page"]


class Models(Collector):
    """Asked anew at every scrape. Gauges over the last hour, because rows may be deleted."""

    def collect(self) -> Iterator[Metric]:
        """Five families of the queue and the answers, one of models, one of alerts."""
        yield self._versions()
        yield from self._queue()
        yield from self._answers()
        yield self._alerts()

    def _versions(self) -> Metric:
        family = GaugeMetricFamily(
            "second_look_model_in_service",
            "Models in service: 1 for each active or shadow version.",
            labels=["model", "version", "state"],
        )
        for version in versions_in_service():
            family.add_metric([version["name"], version["version"], version["state"]], 1)
        return family

    def _queue(self) -> Iterator[Metric]:
        waiting = GaugeMetricFamily(
            "second_look_queue_images",
            "Images that wait or run, by state.",
            labels=["organisation", "state"],
        )
        age = GaugeMetricFamily(
            "second_look_queue_oldest_seconds",
            "How long the oldest queued image has waited; 0 where none waits.",
            labels=["organisation"],
        )
        now = timezone.now()
        for row in queue_by_organisation():
            waiting.add_metric([row["slug"], "queued"], row["queued"])
            waiting.add_metric([row["slug"], "running"], row["running"])
            seconds = (now - row["oldest"]).total_seconds() if row["oldest"] else 0.0
            age.add_metric([row["slug"]], max(0.0, seconds))
        yield waiting
        yield age

    def _answers(self) -> Iterator[Metric]:
        finished = GaugeMetricFamily(
            "second_look_finished_images_last_hour",
            "Images answered or failed in the last hour.",
            labels=["organisation", "model", "version", "state"],
        )
        took = GaugeMetricFamily(
            "second_look_answer_seconds_last_hour",
            "From an image's upload to its answer, where a person waited, in the last hour.",
            labels=["organisation", "model", "version", "quantile"],
        )
        for row in answered_lately():
            labels = [row["slug"], row["name"], row["version"]]
            finished.add_metric([*labels, "succeeded"], row["answered"])
            finished.add_metric([*labels, "failed"], row["failed"])
            for quantile, seconds in zip(("0.5", "0.95"), row["took"] or (), strict=False):
                took.add_metric([*labels, quantile], seconds)
        yield finished
        yield took

    def _alerts(self) -> Metric:
        family = GaugeMetricFamily(
            "second_look_open_alerts",
            "Measures of the active model beyond their threshold (organisation all: together).",
            labels=["organisation", "measure", "acknowledged"],
        )
        for row in open_alert_counts():
            known = "yes" if row["is_known"] else "no"
            family.add_metric([row["slug"] or "all", row["measure"], known], row["n"])
        return family


def metrics_page() -> bytes:
    """Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Models())
    return generate_latest(registry)
