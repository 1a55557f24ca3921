"""Reader alone, model alone, and the reader after seeing the model, on the same lesion reads."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from clinic.selectors.statistics.kinds import Kind, Opinion
from clinic.selectors.statistics.opinions import Opinions
from clinic.statistics.figures import Figure, accuracy_figure, proportion_figure
from clinic.statistics.intervals import Tally


@dataclass(frozen=True)
class Scores:
    """How one of the three did. `sensitivity` and `specificity` are for malignancy."""

    balanced_accuracy: Figure
    sensitivity: Figure
    specificity: Figure


@dataclass(frozen=True)
class Comparison:
    """The three on the same reads, and how many reads are left out for what reason.

    Of `all` reads, those that were `not_blind` count for nobody, because the reader was not alone;
    then those to which no answer of the model was shown, then those of which the truth is not
    known. `outside_classes`: the truth is in no class that models know, so it counts for malignancy
    only; `undecided`: the truth is indeterminate or the model had no operating point, so it counts
    for the balanced accuracy only.
    """

    reader: Scores
    model: Scores
    after: Scores
    all: int
    not_blind: int
    not_shown: int
    no_truth: int
    compared: int
    outside_classes: int
    undecided: int
    classes: dict[Kind, int]


@dataclass(frozen=True)
class Outcome:
    """What became of changed opinions: wrong to right, right to wrong, neither, or not known."""

    better: int
    worse: int
    neither: int
    unknown: int


@dataclass(frozen=True)
class ChangedMinds:
    """Of `shown` blind reads to which the model's answer was shown, how many were changed."""

    shown: int
    changed: int
    diagnosis: Outcome
    malignancy: Outcome

    @property
    def share(self) -> Figure:
        """How often, with Wilson's interval."""
        return proportion_figure(Tally(self.changed, self.shown))


def compare(opinions: Iterable[Opinions]) -> Comparison:
    """Paired: all three are scored on the same reads, so the mix of cases is the same."""
    rows = list(opinions)
    blind = [one for one in rows if one.blind]
    shown = [one for one in blind if one.model is not None]
    known = [one for one in shown if one.truth is not None]
    in_class = [one for one in known if _true(one).kind.is_known_to_models and _model_kind(one)]
    decided = [one for one in known if _is_malignant(one) is not None and _called(one) is not None]
    classes: Counter[Kind] = Counter()
    for one in in_class:
        classes[_true(one).kind] += one.n

    by_class = [[one for one in in_class if _true(one).kind == kind] for kind in classes]
    malignant = [one for one in decided if _is_malignant(one)]
    benign = [one for one in decided if not _is_malignant(one)]

    def scores(
        kind: Callable[[Opinions], Kind | None], called: Callable[[Opinions], bool | None]
    ) -> Scores:
        recalls = [_tally(rows, lambda one: kind(one) == _true(one).kind) for rows in by_class]
        return Scores(
            balanced_accuracy=accuracy_figure(recalls),
            sensitivity=proportion_figure(_tally(malignant, lambda one: bool(called(one)))),
            specificity=proportion_figure(_tally(benign, lambda one: not called(one))),
        )

    return Comparison(
        reader=scores(lambda one: one.first.kind, lambda one: one.first.is_suspicious),
        model=scores(_model_kind, _called),
        after=scores(lambda one: one.final.kind, lambda one: one.final.is_suspicious),
        all=_count(rows),
        not_blind=_count(rows) - _count(blind),
        not_shown=_count(blind) - _count(shown),
        no_truth=_count(shown) - _count(known),
        compared=_count(known),
        outside_classes=_count(known) - _count(in_class),
        undecided=_count(known) - _count(decided),
        classes=dict(classes.most_common()),
    )


def changed_minds(opinions: Iterable[Opinions]) -> ChangedMinds:
    """By diagnosis (the class is right) and by malignancy (suspected when malignant)."""
    shown = [one for one in opinions if one.blind and one.model is not None]
    changed = [one for one in shown if one.changed]
    return ChangedMinds(
        shown=_count(shown),
        changed=_count(changed),
        diagnosis=_outcome(changed, _right_kind),
        malignancy=_outcome(changed, _right_suspicion),
    )


def _outcome(
    changed: Iterable[Opinions], is_right: Callable[[Opinion, Opinion | None], bool | None]
) -> Outcome:
    counts: Counter[tuple[bool | None, bool | None]] = Counter()
    for one in changed:
        counts[is_right(one.first, one.truth), is_right(one.final, one.truth)] += one.n
    return Outcome(
        better=counts[False, True],
        worse=counts[True, False],
        neither=counts[True, True] + counts[False, False],
        unknown=counts[None, None],
    )


def _right_kind(said: Opinion, truth: Opinion | None) -> bool | None:
    return None if truth is None else said.kind == truth.kind


def _right_suspicion(said: Opinion, truth: Opinion | None) -> bool | None:
    if truth is None or truth.is_malignant is None:
        return None
    return said.is_suspicious == truth.is_malignant


def _true(one: Opinions) -> Opinion:
    assert one.truth is not None  # noqa: S101 - the callers have looked
    return one.truth


def _is_malignant(one: Opinions) -> bool | None:
    return _true(one).is_malignant


def _model_kind(one: Opinions) -> Kind | None:
    return one.model.kind if one.model else None


def _called(one: Opinions) -> bool | None:
    return one.model.suspicious if one.model else None


def _count(rows: Iterable[Opinions]) -> int:
    return sum(one.n for one in rows)


def _tally(rows: list[Opinions], is_hit: Callable[[Opinions], bool]) -> Tally:
    return Tally(_count(one for one in rows if is_hit(one)), _count(rows))
