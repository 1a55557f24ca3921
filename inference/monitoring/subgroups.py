"""Of whom a figure is: sex, age band, skin type, part of the body."""

from dataclasses import dataclass

AGE_BANDS = (
    (0, 30, "under 30"),
    (30, 50, "30 to 49"),
    (50, 70, "50 to 69"),
    (70, 200, "70 and over"),
)
SKIN_TYPES = {
    1: "skin type I or II", 2: "skin type I or II", 3: "skin type III or IV",
    4: "skin type III or IV", 5: "skin type V or VI", 6: "skin type V or VI",
}  # fmt: skip
SITES = {
    "head and neck": ("scalp", "face", "ear", "neck", "oral"),
    "trunk": ("trunk", "chest", "abdomen", "back", "shoulder", "genital", "buttock"),
    "upper extremity": ("upper_extremity", "upper_arm", "forearm", "hand"),
    "lower extremity": ("lower_extremity", "thigh", "lower_leg", "foot"),
    "palm or sole": ("palm_sole",),
}
PART = {site: part for part, sites in SITES.items() for site in sites}
SEXES = ("female", "male", "other")

# In the order in which they are shown.
SUBGROUPS = (
    *SEXES,
    *(name for _, _, name in AGE_BANDS),
    *dict.fromkeys(SKIN_TYPES.values()),
    *SITES,
)


@dataclass(frozen=True)
class Person:
    """What is known of the patient and the lesion; None or "unknown" where it is not."""

    sex: str
    age: int | None
    skin_type: int | None
    body_site: str

    @property
    def subgroups(self) -> tuple[str, ...]:
        """One of each kind that is known."""
        bands = (
            name for low, high, name in AGE_BANDS if self.age is not None and low <= self.age < high
        )
        found = (
            self.sex if self.sex in SEXES else None,
            next(bands, None),
            SKIN_TYPES.get(self.skin_type or 0),
            PART.get(self.body_site),
        )
        return tuple(name for name in found if name)
