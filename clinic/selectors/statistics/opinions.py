"""What readers said before and after the model's answer, what it was, and what is true: counted."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Count, F, Field, Func, TextField, Value
from django.db.models.functions import Cast

from accounts.models import Organisation, User
from clinic.selectors.statistics.counted import counted_opinions
from clinic.selectors.statistics.kinds import Kind, Kinds, Opinion
from clinic.selectors.statistics.period import Period
from clinic.selectors.statistics.truths import pathology, pathology_or_consensus, standing


@dataclass(frozen=True)
class ModelOpinion:
    """What the reader was shown. None: the taxonomy has no such class, or no operating point."""

    kind: Kind | None
    suspicious: bool | None


@dataclass(frozen=True)
class Opinions:
    """`n` lesion reads of one reader in which all of this was the same.

    `model` is None where nothing was shown. `changed`: another read stands than the first one,
    which may differ in its recommendation only. `truth` is None where it is not known.
    """

    reader: UUID
    blind: bool
    first: Opinion
    final: Opinion
    changed: bool
    model: ModelOpinion | None
    truth: Opinion | None
    n: int


def reader_opinions(
    user: User, organisation: Organisation, period: Period, kinds: Kinds, *, consensus: bool = False
) -> list[Opinions]:
    """Lesion reads of first and second readers, in one query of counts.

    `consensus`: where there is no pathology, what the readers agree on is taken for the truth.
    """
    rows = (
        counted_opinions(user, organisation, period)
        .annotate(
            final=standing(),
            shown=_in_opinion(function="jsonb_exists", output_field=BooleanField()),
            model=_in_opinion(Value("diagnosis")),
            suspicious=_in_opinion(Value("suspicious")),
            truth=pathology_or_consensus() if consensus else pathology(),
        )
        .values_list(
            "reader", "reading__is_blind", "diagnosis", "final", "stands", "shown", "model",
            "suspicious", "truth",
        )
        .annotate(n=Count("pk"))
    )  # fmt: skip
    return [
        Opinions(
            reader=reader,
            blind=blind,
            first=kinds.by_key[first],
            final=kinds.by_key[final],
            changed=not stands,
            model=_model(kinds, model, suspicious) if shown else None,
            truth=kinds.by_key[truth] if truth is not None else None,
            n=n,
        )
        for reader, blind, first, final, stands, shown, model, suspicious, truth, n
        in rows.iterator()
    ]  # fmt: skip


def opinions_of(opinions: Iterable[Opinions], reader: UUID) -> list[Opinions]:
    """One reader's."""
    return [one for one in opinions if one.reader == reader]


def _in_opinion(
    *path: Value,
    function: str = "jsonb_extract_path_text",
    output_field: "Field[Any, Any] | None" = None,
) -> Func:
    """Of `model_opinion`, the part about the read's lesion."""
    return Func(
        F("reading__model_opinion"),
        Cast("lesion_id", TextField()),
        *path,
        function=function,
        output_field=output_field or TextField(),
    )


def _model(kinds: Kinds, code: str | None, suspicious: str | None) -> ModelOpinion:
    said = kinds.by_code.get(code or "")
    return ModelOpinion(
        kind=said.kind if said else None,
        suspicious={"true": True, "false": False}.get(suspicious or ""),
    )
