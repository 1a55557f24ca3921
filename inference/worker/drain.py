"""Working the queue off: claim, load, one forward pass, store, until nothing is due."""

import logging
import os
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import numpy as np
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import Error as DatabaseError
from django.utils import timezone
from numpy.typing import NDArray

from clinic.models import LesionImage
from inference.engine.classifier import Classifier
from inference.models import ModelVersion
from inference.services.leases import (
    Claim,
    ClaimedRow,
    claim_predictions,
    extend_lease,
    return_predictions,
)
from inference.services.outcomes import Outcome, record_outcomes, refresh_case_malignancy
from inference.worker.answering import classify_each, unusable_model
from inference.worker.images import UnusableImage, load_stored_image
from inference.worker.lifecycle import stop_is_asked_for
from inference.worker.loaded_models import loaded_models

logger = logging.getLogger(__name__)

Pixels = NDArray[np.uint8]
TOOK_TOO_LONG = "The model took longer to answer than a worker may."
# How often the cases of answered images get their new place in the worklist.
REFRESH_SECONDS = 1.0
# Two forward passes a claim halve what the database costs; more would let a clinician's picture
# wait behind a data set's.
PASSES_A_CLAIM = 2
FIRST_CLAIM = 16


class ModelsInMemory(Protocol):
    """Gives the classifier of a model version."""

    def classifier(self, version: ModelVersion) -> Classifier:
        """Raises PackageError or OSError."""


@dataclass
class Batch:
    """Claimed rows whose images are being loaded."""

    claim: Claim
    model_version: ModelVersion
    images: list["Future[Pixels]"]


@dataclass(frozen=True)
class DrainReport:
    """`is_finished`: nothing was due any more. Otherwise somebody has to go on."""

    stored: int
    is_finished: bool


class Drain:
    """One run of one worker process over the queue."""

    def __init__(
        self,
        *,
        models: ModelsInMemory = loaded_models,
        must_stop: Callable[[], bool] = stop_is_asked_for,
        seconds: float | None = None,
    ) -> None:
        self._models = models
        self._must_stop = must_stop
        self._deadline = time.monotonic() + (seconds or settings.INFERENCE_DRAIN_SECONDS)
        self._worker = f"{socket.gethostname()[:60]}:{os.getpid()}"
        self._limit = FIRST_CLAIM
        self._versions: dict[UUID, ModelVersion] = {}
        self._storage = LesionImage._meta.get_field("file").storage
        self._held: list[Batch] = []
        self._cases: set[UUID] = set()
        self._refreshed_at = time.monotonic()
        self._stored = 0

    def run(self) -> DrainReport:
        """Answer what is due. Whatever ends it, rows that were not tried are put back."""
        with self._loading_threads() as self._pool, self._putting_back():
            batch = self._take()
            while batch is not None:
                # While this batch runs, the next one's images are read and decoded. A row that was
                # tried before may be the one that kills workers: nothing waits beside it.
                following = None if batch.claim.is_retry or self._is_over() else self._take()
                self._answer(batch)
                if self._is_over():
                    return DrainReport(self._stored, is_finished=False)
                batch = following or self._take()
        return DrainReport(self._stored, is_finished=True)

    def _is_over(self) -> bool:
        return self._must_stop() or time.monotonic() > self._deadline

    def _take(self) -> Batch | None:
        claim = claim_predictions(worker=self._worker, limit=self._limit)
        if claim is None:
            return None
        version = self._version(claim.model_version_id)
        size = version.preprocessing["size"]
        images = [
            self._pool.submit(load_stored_image, self._storage, row.file, size)
            for row in claim.rows
        ]
        batch = Batch(claim, version, images)
        self._held.append(batch)
        return batch

    def _version(self, key: UUID) -> ModelVersion:
        """Nothing of a package ever changes, so one look is enough."""
        if key not in self._versions:
            self._versions[key] = ModelVersion.objects.get(pk=key)
        return self._versions[key]

    def _answer(self, batch: Batch) -> None:
        try:
            outcomes = self._outcomes(batch)
        except SoftTimeLimitExceeded:
            rows = batch.claim.rows
            self._store(batch, [Outcome.troubled(row, TOOK_TOO_LONG) for row in rows])
            raise
        except Exception:
            # The try counts: the rows wait for their lease to end. Otherwise a mistake in this
            # program would try them for ever.
            self._held.remove(batch)
            raise
        self._store(batch, outcomes)

    def _outcomes(self, batch: Batch) -> list[Outcome]:
        """Decide every row of the batch: unusable images apart, the others in one forward pass."""
        version = batch.model_version
        try:
            classifier = self._models.classifier(version)
        except SoftTimeLimitExceeded:
            raise
        except Exception as error:
            logger.exception("%s could not be loaded", version)
            return [unusable_model(row, version, error) for row in batch.claim.rows]
        self._limit = PASSES_A_CLAIM * classifier.runtime.batch_size
        outcomes: list[Outcome] = []
        rows: list[ClaimedRow] = []
        images: list[Pixels] = []
        for row, future in zip(batch.claim.rows, batch.images, strict=True):
            try:
                images.append(future.result())
                rows.append(row)
            except UnusableImage as error:
                outcome = Outcome.troubled if error.may_pass else Outcome.failed
                outcomes.append(outcome(row, str(error)))
        self._keep_lease(batch)
        return outcomes + classify_each(classifier, rows, images)

    def _keep_lease(self, batch: Batch) -> None:
        """Begin the lease anew where loading has used up half of it."""
        left = (batch.claim.expires_at - timezone.now()).total_seconds()
        if left < settings.INFERENCE_LEASE_SECONDS / 2:
            extend_lease(claim=batch.claim)

    def _store(self, batch: Batch, outcomes: list[Outcome]) -> None:
        stored = record_outcomes(token=batch.claim.token, outcomes=outcomes)
        if len(stored) < len(outcomes):
            logger.warning(
                "%s answers came after their lease had ended", len(outcomes) - len(stored)
            )
        self._held.remove(batch)
        self._stored += len(stored)
        if batch.claim.model_is_active:
            self._cases.update(row.case_id for row in batch.claim.rows if row.pk in stored)
        if time.monotonic() > self._refreshed_at + REFRESH_SECONDS:
            self._refresh_cases()

    def _refresh_cases(self) -> None:
        cases, self._cases = self._cases, set()
        if cases:
            refresh_case_malignancy(cases=cases)
        self._refreshed_at = time.monotonic()

    @contextmanager
    def _loading_threads(self) -> Iterator[ThreadPoolExecutor]:
        pool = ThreadPoolExecutor(settings.INFERENCE_LOADING_THREADS, "load-image")
        try:
            yield pool
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    @contextmanager
    def _putting_back(self) -> Iterator[None]:
        try:
            yield
        finally:
            try:
                for batch in self._held:
                    keys = [row.pk for row in batch.claim.rows]
                    return_predictions(token=batch.claim.token, keys=keys)
                self._refresh_cases()
            except DatabaseError:
                logger.exception("Rows could not be put back; their leases will expire")
