"""The taxonomy in use."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import QuerySet

from clinic.models import Diagnosis

CURRENT_VERSION = "2026.1"


@dataclass(frozen=True)
class Entry:
    """A diagnosis that can be chosen, where it stands in the tree."""

    diagnosis: Diagnosis
    depth: int
    path: tuple[str, ...]


@dataclass(frozen=True)
class Branch:
    """One heading of the tree with what can be chosen under it."""

    heading: str
    entries: list[Entry] = field(default_factory=list)


@dataclass(frozen=True)
class Taxonomy:
    """The tree, loaded by one query however often it is asked."""

    branches: list[Branch]

    @cached_property
    def by_key(self) -> dict[int, Entry]:
        """Entries by the diagnosis's primary key."""
        return {e.diagnosis.pk: e for branch in self.branches for e in branch.entries}

    def choice(self, key: str | int) -> Diagnosis:
        """The diagnosis with this primary key; ValueError where the tree has none to choose."""
        entry = self.by_key.get(int(key))
        if entry is None:
            msg = f"{key} is not in the taxonomy."
            raise ValueError(msg)
        return entry.diagnosis

    @cached_property
    def by_class(self) -> dict[str, Diagnosis]:
        """Diagnoses by the class of HAM10000 that a model answers with."""
        return {e.diagnosis.ham10000: e.diagnosis for e in self.by_key.values()
                if e.diagnosis.ham10000}  # fmt: skip


def current_taxonomy_version() -> str:
    """The version that new reads choose from."""
    return CURRENT_VERSION


def diagnoses_in_use() -> QuerySet[Diagnosis]:
    """The whole tree of the version in use, headings included."""
    return Diagnosis.objects.filter(taxonomy_version=CURRENT_VERSION)


def with_parents(diagnoses: Iterable[Diagnosis]) -> list[Diagnosis]:
    """The same nodes, each with its parent loaded from among them: no query for the way up."""
    nodes = {node.pk: node for node in diagnoses}
    for node in nodes.values():
        if node.parent_id in nodes:
            node.parent = nodes[node.parent_id]
    return list(nodes.values())


def selectable_diagnoses() -> QuerySet[Diagnosis]:
    """What a reader can choose, in the tree's order."""
    return Diagnosis.objects.filter(
        taxonomy_version=CURRENT_VERSION, is_selectable=True
    ).select_related("parent")


def taxonomy() -> Taxonomy:
    """The current tree. Roots without children stand together under "Other"."""
    rows = list(Diagnosis.objects.filter(taxonomy_version=CURRENT_VERSION).order_by("position"))
    children: dict[int | None, list[Diagnosis]] = {}
    for row in rows:
        children.setdefault(row.parent_id, []).append(row)
    branches, other = [], Branch("Other")
    for root in children.get(None, []):
        if root.pk in children:
            branches.append(Branch(root.name, list(_entries(root, children, ()))))
        else:
            other.entries.extend(_entries(root, children, ()))
    return Taxonomy([*branches, other] if other.entries else branches)


def _entries(
    node: Diagnosis, children: dict[int | None, list[Diagnosis]], path: tuple[str, ...]
) -> Iterator[Entry]:
    """The node if it can be chosen, then what stands under it, depth first."""
    if node.is_selectable:
        yield Entry(node, depth=len(path), path=path)
    for child in children.get(node.pk, []):
        yield from _entries(child, children, (*path, node.name))
