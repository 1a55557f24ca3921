"""What a package may name as its architecture: one model by itself, or several in an ensemble.

Only names from this list are ever built, so that no code comes from a package.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from inference.engine.fields import Fields, PackageError

# Which models may be named, and the whole numbers (least, most) that each must be given.
ARCHITECTURE_ARGUMENTS: Mapping[str, Mapping[str, tuple[int, int]]] = {
    "resnet18": {},
    "densenet121": {},
    "efficientnet_b0": {},
    "efficientnet_b4": {},
    "pixel_trees": {"side": (16, 64), "depth": (1, 8), "rounds": (1, 1000)},
}
ENSEMBLE = "ensemble"
# What may be a member: networks, because an ensemble is served as one network.
MEMBER_NAMES = frozenset(ARCHITECTURE_ARGUMENTS) - {"pixel_trees"}
FEWEST_MEMBERS, MOST_MEMBERS = 2, 20
LEAST_WEIGHT = 1e-6
ROUNDING = 1e-6  # by which the weights' sum may miss 1


@dataclass(frozen=True)
class Member:
    """One network of an ensemble; the ensemble's logits are the members', times ``weight``."""

    name: str
    arguments: Mapping[str, Any]
    weight: float


@dataclass(frozen=True)
class Architecture:
    """A model by name, which the engine knows how to build; an ensemble names its members."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    members: tuple[Member, ...] = ()

    def __str__(self) -> str:
        """For sentences, such as ``ensemble of 2 resnet18, densenet121``."""
        if not self.members:
            return self.name
        names = [member.name for member in self.members]
        counted = [
            f"{names.count(name)} {name}" if names.count(name) > 1 else name
            for name in dict.fromkeys(names)
        ]
        return f"ensemble of {', '.join(counted)}"


def member_prefix(index: int) -> str:
    """What the names of a member's tensors begin with in the package."""
    return f"members.{index}."


def read_architecture(fields: Fields) -> Architecture:
    """The metadata's ``architecture``. Raises PackageError for what is not on the list."""
    name = fields.choice("name", frozenset({*ARCHITECTURE_ARGUMENTS, ENSEMBLE}))
    if name != ENSEMBLE:
        return Architecture(name, _arguments(name, fields))
    entries = fields.nested_list("members")
    if not FEWEST_MEMBERS <= len(entries) <= MOST_MEMBERS:
        raise PackageError(
            f"An ensemble has from {FEWEST_MEMBERS} to {MOST_MEMBERS} members; "
            f"this one has {len(entries)}."
        )
    members = tuple(map(_member, entries))
    if abs(sum(member.weight for member in members) - 1) > ROUNDING:
        raise PackageError("The weights of the ensemble's members do not sum to 1.")
    return Architecture(name, members=members)


def _member(fields: Fields) -> Member:
    name = fields.choice("name", MEMBER_NAMES)
    return Member(name, _arguments(name, fields), fields.number("weight", LEAST_WEIGHT, 1))


def _arguments(name: str, fields: Fields) -> dict[str, Any]:
    given = fields.nested("arguments").raw() if "arguments" in fields else {}
    bounds = ARCHITECTURE_ARGUMENTS[name]
    unknown = sorted(set(given) - bounds.keys())
    if unknown:
        raise PackageError(f"The architecture {name} takes no argument called {unknown[0][:50]!a}.")
    if not bounds:
        return {}
    inner = fields.nested("arguments")
    return {key: inner.whole(key, low, high) for key, (low, high) in bounds.items()}
