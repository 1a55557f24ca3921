"""What a diagnosis counts as: a class, and benign or not."""

from dataclasses import dataclass, field
from functools import cached_property

from clinic.models import Diagnosis, Malignancy
from clinic.selectors.diagnoses import with_parents


@dataclass(frozen=True)
class Kind:
    """A class of HAM10000, or a diagnosis that is in none; `code` says which.

    `is_known_to_models`: it is one of the classes that models answer with.
    """

    code: str
    # A later version of the taxonomy may say these otherwise of the same kind.
    name: str = field(compare=False)
    malignancy: str = field(compare=False)
    is_known_to_models: bool = field(compare=False)


@dataclass(frozen=True)
class Opinion:
    """A diagnosis as it is compared: its kind, and whether it is a suspicion of malignancy.

    What is not benign is suspicious, as in the rule for second reads. `malignancy` is that of the
    diagnosis itself: a dysplastic nevus is indeterminate, and of the kind "nevus".
    """

    kind: Kind
    malignancy: str

    @property
    def is_suspicious(self) -> bool:
        """Malignant or indeterminate."""
        return self.malignancy != Malignancy.BENIGN

    @property
    def is_malignant(self) -> bool | None:
        """For a truth: None where it is itself indeterminate."""
        if self.malignancy == Malignancy.INDETERMINATE:
            return None
        return self.malignancy == Malignancy.MALIGNANT


@dataclass(frozen=True)
class Kinds:
    """Every diagnosis of every version of the taxonomy; old reads keep theirs. One query."""

    diagnoses: list[Diagnosis]

    @classmethod
    def load(cls) -> "Kinds":
        """From the taxonomy's rows."""
        return cls(with_parents(Diagnosis.objects.order_by("taxonomy_version", "position", "pk")))

    @cached_property
    def by_key(self) -> dict[int, Opinion]:
        """By the diagnosis's primary key."""
        return {row.pk: Opinion(_kind(row), row.malignancy) for row in self.diagnoses}

    @cached_property
    def by_code(self) -> dict[str, Opinion]:
        """By the taxonomy's code, which a model's opinion names; the newest version counts."""
        return {row.code: self.by_key[row.pk] for row in self.diagnoses}


def _kind(row: Diagnosis) -> Kind:
    """Its own class, else that of a node above it: a melanoma in situ is a melanoma."""
    kind = row.class_node or row
    return Kind(kind.ham10000 or kind.code, kind.name, kind.malignancy, bool(kind.ham10000))
