"""Writing down which cases the next model would learn most from."""

from collections.abc import Sequence
from uuid import UUID

import numpy as np
from django.db import transaction
from django.db.models import Max

from accounts.models import Organisation, Role, User
from accounts.services import require_role
from clinic.models import WAITING_STATES, AnnotationPick, ResearchConsent
from clinic.selectors.datasets.labelled import sealed_patients
from inference.learning.candidates import Candidates, Labelled, centred
from inference.learning.picks import Pick, Strategy
from inference.learning.picks import pick_cases as picks_among
from inference.learning.uncertainty import weighted_entropy
from inference.models import ModelVersion
from inference.selectors.learning import (
    SeenLesion,
    answered_cases,
    seen_lesions,
    signed_classes,
    waiting_cases,
)
from inference.selectors.models import active_model

PICKS_A_ROUND = 250
# Needs a third fewer labels than random choice, and costs the least of melanoma's sensitivity of
# those that do: docs/active-learning.md.
DEFAULT_STRATEGY = Strategy.MIXED
ROWS_A_STATEMENT = 2000
# Nothing of these patients is trained on; who was not asked may still be.
SAID_NO = (ResearchConsent.REFUSED, ResearchConsent.WITHDRAWN)


def pick_cases(
    *,
    organisation: Organisation,
    count: int = PICKS_A_ROUND,
    strategy: Strategy = DEFAULT_STRATEGY,
    seed: str = "",
    actor: User | None = None,
) -> list[AnnotationPick]:
    """Put up to ``count`` waiting cases of an organisation in the order of learning, anew.

    What was picked before and still waits gives way; what has been read keeps its row, for the
    audit. Patients who said no to research and those of a sealed test set are read for the audit
    only. Without a ``seed`` it is the organisation's own, which should not change: the audit's
    cases are settled by it. Without a model's answers to go by all are drawn at random. An
    ``actor`` must be an administrator there; None is the clock. Raises NotAllowed.
    """
    if actor is not None:
        require_role(actor, organisation.pk, Role.ADMINISTRATOR)
    seed = seed or str(organisation.pk)
    version = active_model()
    candidates, labelled = _seen(organisation, version) if version else _unseen([])
    if strategy == Strategy.RANDOM or not len(candidates):
        waiting = waiting_cases(organisation).values_list("pk", flat=True)
        candidates, labelled = _unseen([str(key) for key in waiting])
        strategy = Strategy.RANDOM
    picks = picks_among(candidates, labelled, strategy=strategy, count=count, seed=seed)
    return _written(organisation, picks)


@transaction.atomic
def _written(organisation: Organisation, picks: Sequence[Pick]) -> list[AnnotationPick]:
    """Replace what still waits. Two at once take turns."""
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    rows = AnnotationPick.objects.filter(organisation=organisation)
    last = rows.aggregate(last=Max("round"))["last"] or 0
    rows.filter(case__state__in=WAITING_STATES).delete()
    return AnnotationPick.objects.bulk_create(
        [
            AnnotationPick(
                case_id=UUID(pick.key),
                organisation=organisation,
                rank=pick.rank,
                reason=pick.reason.value,
                round=last + 1,
            )
            for pick in picks
        ],
        batch_size=ROWS_A_STATEMENT,
        # Signed since it was looked at, and picked in an earlier round: that row stays.
        ignore_conflicts=True,
    )


def _seen(organisation: Organisation, version: ModelVersion) -> tuple[Candidates, Labelled]:
    """What waits and what is signed, as the model in service sees it."""
    waiting = _least_sure(seen_lesions(waiting_cases(organisation), version))
    closed = answered_cases(organisation)
    codes = [kind["code"] for kind in version.classes]
    classes = signed_classes(closed)
    sealed = sealed_patients()
    signed = [
        lesion
        for lesion in seen_lesions(closed, version)
        if classes.get((lesion.case, lesion.lesion)) in codes and lesion.patient not in sealed
    ]
    if not waiting:
        return _unseen([])
    labels = np.array([codes.index(classes[each.case, each.lesion]) for each in signed], np.int64)
    said = np.array([each.mean.argmax() for each in signed], np.int64)
    width = len(waiting[0].features)
    directions = [
        np.array([each.direction for each in part], np.float32).reshape(-1, width)
        for part in (waiting, signed)
    ]
    of_waiting, of_signed = centred(*directions)
    return (
        Candidates(
            keys=[str(each.case) for each in waiting],
            probabilities=np.array([each.mean for each in waiting]),
            features=of_waiting,
            subgroups=[each.subgroups for each in waiting],
            teaches=np.array(
                [each.patient not in sealed and each.consent not in SAID_NO for each in waiting]
            ),
        ),
        Labelled(
            labels=labels,
            features=of_signed,
            subgroups=[each.subgroups for each in signed],
            differs=labels != said,
        ),
    )


def _least_sure(lesions: Sequence[SeenLesion]) -> list[SeenLesion]:
    """One lesion a case: the one about which the model is least sure."""
    chosen: dict[UUID, tuple[float, SeenLesion]] = {}
    for lesion in lesions:
        doubt = float(weighted_entropy(lesion.mean[None])[0])
        if lesion.case not in chosen or doubt > chosen[lesion.case][0]:
            chosen[lesion.case] = doubt, lesion
    return [lesion for _, lesion in chosen.values()]


def _unseen(keys: Sequence[str]) -> tuple[Candidates, Labelled]:
    """Cases of which nothing is known: all alike, of one class and one feature."""
    nothing = np.ones((0, 1), np.float32)
    return (
        Candidates(
            keys=keys,
            probabilities=np.ones((len(keys), 1)),
            features=np.ones((len(keys), 1), np.float32),
            subgroups=[{} for _ in keys],
        ),
        Labelled(np.zeros(0, np.int64), nothing, [], np.zeros(0, np.bool_)),
    )
