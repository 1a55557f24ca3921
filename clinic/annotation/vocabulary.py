"""The labels a region can carry, in the order of the menu.

The five structures are those of ISIC 2018 task 2, by its names (Codella et al. 2019,
arXiv:1902.03368); the warning signs are those of the seven-point checklist that have a place on
the picture (Argenziano et al. 1998, Arch Dermatol 134:1563).
"""

from dataclasses import dataclass

LESION_BORDER = "lesion_border"
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Group:
    """Labels that stand together in the menu and share a colour."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Label:
    """What a region shows. `needs_text`: the label alone says nothing."""

    code: str
    name: str
    group: Group
    needs_text: bool = False


OUTLINE = Group("outline", "Outline")
STRUCTURES = Group("structure", "Structures")
SIGNS = Group("sign", "Warning signs")
FREE = Group("other", "Anything else")

GROUPS = (OUTLINE, STRUCTURES, SIGNS, FREE)
LABELS = (
    Label(LESION_BORDER, "Lesion border", OUTLINE),
    Label("pigment_network", "Pigment network", STRUCTURES),
    Label("negative_network", "Negative network", STRUCTURES),
    Label("streaks", "Streaks", STRUCTURES),
    Label("milia_like_cyst", "Milia-like cyst", STRUCTURES),
    Label("globules", "Globules", STRUCTURES),
    Label("blue_whitish_veil", "Blue-whitish veil", SIGNS),
    Label("atypical_vessels", "Atypical vessels", SIGNS),
    Label("irregular_dots", "Irregular dots", SIGNS),
    Label("irregular_blotches", "Irregular blotches", SIGNS),
    Label("regression_structures", "Regression structures", SIGNS),
    Label(OTHER, "Other", FREE, needs_text=True),
)
BY_CODE = {label.code: label for label in LABELS}
CHOICES = [(label.code, label.name) for label in LABELS]


def menu() -> list[dict[str, str | bool]]:
    """The labels as the page's script reads them: code, name, group, group_name, needs_text."""
    return [
        {
            "code": label.code,
            "name": label.name,
            "group": label.group.code,
            "group_name": label.group.name,
            "needs_text": label.needs_text,
        }
        for label in LABELS
    ]
