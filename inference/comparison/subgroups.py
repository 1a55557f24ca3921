"""Where one model is better or worse: by organisation, person, lesion, picture and label.

Small groups are shown and not tested, and the tested ones are judged together: with thirty groups
and two measures, intervals of 95 % each would call an equal candidate worse more often than not.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from inference.comparison.contest import Contest, Rules, SealedImage
from inference.comparison.differences import Difference, difference, simultaneous_upper
from inference.comparison.figures import (
    BALANCED_ACCURACY,
    SENSITIVITY,
    of_accuracy,
    of_sensitivity,
)
from inference.training.measures import Flags
from inference.training.resampling import Measure, Resamples, rounded
from inference.training.subgroups import age_band

# Recall of a class with fewer images in a group is a matter of chance, and left out of its mean.
FEWEST_OF_A_CLASS = 10

GROUPS: dict[str, Callable[[SealedImage], str]] = {
    "organisation": lambda image: image.organisation,
    "sex": lambda image: image.sex,
    "age": lambda image: age_band(image.age),
    "skin_type": lambda image: str(image.skin_type or ""),
    "body_site": lambda image: image.body_site,
    "image_kind": lambda image: image.image_kind,
    "label_source": lambda image: image.label_source,
}


def subgroups(contest: Contest, sampled: Resamples, rules: Rules) -> list[dict[str, Any]]:
    """Figures by group; `worse` marks a group in which the candidate is shown to be worse."""
    found = []
    tested: list[tuple[dict[str, Any], Difference]] = []
    for by, value, images in _groups(contest):
        group: dict[str, Any] = {
            "by": by,
            "value": value,
            "images": int(images.sum()),
            "patients": _patients(sampled, images),
            "malignant": int((images & contest.malignant).sum()),
        }
        for key, of_side, among in (
            (BALANCED_ACCURACY, of_accuracy, _with_enough_of_a_class(contest, images)),
            (SENSITIVITY, of_sensitivity, images & contest.malignant),
        ):
            figures, apart = _figures(contest, sampled, of_side, among)
            figures["images"] = int(among.sum())
            if apart is not None and _is_enough(sampled, among, rules):
                tested.append((figures, apart))
            group[key] = figures
        found.append(group)
    for figures, apart in tested:
        upper = simultaneous_upper(apart, tests=len(tested))
        figures |= {"tested": True, "upper": upper, "worse": upper < 0}
    return found


def _groups(contest: Contest) -> list[tuple[str, str, Flags]]:
    """What is known of at least one image; a property with one value makes no groups."""
    found = []
    for by, key in GROUPS.items():
        values = np.array([key(image) for image in contest.images], dtype=object)
        names = sorted(set(values) - {""})
        if len(set(values)) > 1:
            found += [(by, str(name), values == name) for name in names]
    return found


def _figures(
    contest: Contest, sampled: Resamples, of_side: Callable[..., Measure], among: Flags
) -> tuple[dict[str, Any], Difference | None]:
    figures: dict[str, Any] = {"candidate": None, "champion": None, "difference": None}
    figures |= {"difference_interval": None, "tested": False, "upper": None, "worse": False}
    if not among.any():
        return figures, None
    rows = np.flatnonzero(among)
    part, drawn = contest.chosen(rows), sampled.rows(rows)
    estimates, values = [], []
    for name, side in part.sides.items():
        measure = of_side(part, side)
        estimates.append(float(drawn.estimate(measure)))
        values.append(drawn.values(measure))
        figures[name] = rounded(estimates[-1])
    apart = difference(estimates[0] - estimates[1], values[0] - values[1])
    if apart is not None:
        figures |= {"difference": apart.value, "difference_interval": list(apart.interval)}
    return figures, apart


def _with_enough_of_a_class(contest: Contest, images: Flags) -> Flags:
    counts = np.bincount(contest.labels[images], minlength=len(contest.classes))
    enough: Flags = images & (counts >= FEWEST_OF_A_CLASS)[contest.labels]
    return enough


def _is_enough(sampled: Resamples, among: Flags, rules: Rules) -> bool:
    return (
        int(among.sum()) >= rules.subgroup_images
        and _patients(sampled, among) >= rules.subgroup_patients
    )


def _patients(sampled: Resamples, images: Flags) -> int:
    return len(np.unique(sampled.lesions[images]))
