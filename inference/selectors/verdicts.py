"""Whether the model was right, where it is known what a lesion was."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts.models import User
from clinic.models import Case, Diagnosis, PathologyResult
from clinic.selectors import diagnoses_in_use, taxonomy
from clinic.selectors.blindness import may_see_model
from clinic.selectors.diagnoses import with_parents
from inference.answers import case_answers
from inference.models import ModelVersion
from inference.opinions import lesion_opinion
from inference.selectors.confirmations import confirmed_results
from inference.shown import shown_opinions


@dataclass(frozen=True)
class Verdict:
    """The model's opinion of a lesion beside what the lesion was.

    `malignancy_right` is None where the result is indeterminate and no class of the model counts it
    as malignant, or where the model has no operating point; `class_right` is None where the model
    has no class for the result. `was_shown`: a reader saw this opinion; otherwise it is the model's
    present answer.
    """

    result: PathologyResult
    model: str
    likeliest: str
    malignancy: float | None
    suspicious: bool | None
    malignancy_right: bool | None
    class_right: bool | None
    was_shown: bool


def model_verdicts(user: User, case: Case) -> dict[UUID, Verdict]:
    """By lesion, for the lesions of a case with a result and an opinion that may be seen.

    In at most nine queries, whatever the number of lesions. What a reader was shown counts before
    what the model says now: a model that came later was not there to be right or wrong.
    """
    lesions = set(case.images.values_list("lesion_id", flat=True))
    results = confirmed_results(user, lesions)
    if not results or not may_see_model(user, case):
        return {}
    shown = {str(lesion): dict(one.opinion) for lesion, one in shown_opinions(case).items()}
    now: dict[str, dict[str, Any]] = {}
    if any(str(lesion) not in shown for lesion in results):
        by_class = taxonomy().by_class
        now = {
            str(lesion): lesion_opinion(answer, by_class)
            for lesion, answer in case_answers(user=user, case=case).lesions.items()
            if answer.answered
        }
    opinions = now | shown
    keys = {opinion["version"] for opinion in opinions.values()}
    versions = {str(version.pk): version for version in _versions(keys)}
    classes = _class_of_each_diagnosis() if opinions else {}
    return {
        lesion: _verdict(
            result,
            opinion,
            versions[opinion["version"]],
            classes.get(result.diagnosis.code, ""),
            was_shown=str(lesion) in shown,
        )
        for lesion, result in results.items()
        if (opinion := opinions.get(str(lesion))) is not None and opinion["version"] in versions
    }


def _versions(keys: set[str]) -> "list[ModelVersion]":
    return list(
        ModelVersion.objects.filter(pk__in=keys).only("name", "version", "classes", "state")
    )


def _class_of_each_diagnosis() -> dict[str, str]:
    """The model's class by the taxonomy's code: the node's own, else that of a node above it."""
    return {
        node.code: above.ham10000 if (above := node.class_node) else ""
        for node in with_parents(diagnoses_in_use())
    }


def _verdict(
    result: PathologyResult,
    opinion: Mapping[str, Any],
    version: ModelVersion,
    true_class: str,
    *,
    was_shown: bool,
) -> Verdict:
    kinds: dict[str, dict[str, Any]] = {kind["code"]: kind for kind in version.classes}
    likeliest = kinds.get(opinion["likeliest"], {})
    suspicious: bool | None = opinion["suspicious"]
    truth = _counts_as_malignant(result.diagnosis, kinds.get(true_class))
    return Verdict(
        result=result,
        model=opinion["model"],
        likeliest=likeliest.get("name", opinion["likeliest"]),
        malignancy=opinion["malignancy"],
        suspicious=suspicious,
        malignancy_right=None if truth is None or suspicious is None else suspicious == truth,
        class_right=opinion["likeliest"] == true_class if true_class in kinds else None,
        was_shown=was_shown,
    )


def _counts_as_malignant(diagnosis: Diagnosis, kind: Mapping[str, Any] | None) -> bool | None:
    """Whether the model ought to have called it suspicious."""
    if diagnosis.malignancy != "indeterminate":
        return diagnosis.malignancy == "malignant"
    # A dysplastic nevus is neither; an actinic keratosis is in a class that counts as malignant.
    return True if kind is not None and kind.get("counts_as_malignant") else None
