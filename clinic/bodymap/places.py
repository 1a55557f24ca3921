# ruff: noqa: E501  (a shape is one line, however long)
"""The places that a lesion can be marked on: regions of the drawings, and a list for the rest.

Left and right are the patient's: on the front drawing the patient's left is on the viewer's right.
"""

from dataclasses import dataclass

from clinic.bodymap.drawing import EAR, HEIGHT, MIDDLE, WIDTH, mirrored
from clinic.models import BodySide, BodySite, BodyView, Lesion

MIDLINE_WITHIN = 0.018
"""Share of the drawing's width on each side of the middle that counts as the midline."""


@dataclass(frozen=True)
class Place:
    """A choice of the list. On a drawing it has a shape (`path`) and a `centre` (0 to 1)."""

    key: str
    label: str
    body_site: str
    side: str = BodySide.UNKNOWN
    view: str = ""
    path: str = ""
    centre: tuple[float, float] | None = None
    clipped: bool = True

    def side_at(self, x: float | None) -> str:
        """The patient's side of a mark: near the middle of the trunk or the head is the midline."""
        if x is None or not self._reaches_the_middle():
            return self.side
        if abs(x - 0.5) <= MIDLINE_WITHIN:
            return BodySide.MIDLINE
        on_viewers_right = x > 0.5
        return (
            BodySide.LEFT if on_viewers_right == (self.view == BodyView.FRONT) else BodySide.RIGHT
        )

    def _reaches_the_middle(self) -> bool:
        return self.view != "" and self.body_site in MIDDLE_SITES


MIDDLE_SITES = frozenset(
    {
        BodySite.SCALP, BodySite.FACE, BodySite.NECK, BodySite.CHEST, BodySite.ABDOMEN,
        BodySite.BACK, BodySite.GENITAL, BodySite.BUTTOCK,
    }
)  # fmt: skip

# Site, shape on the viewer's right (or across the middle), the middle of it, and its own word.
Shape = tuple[BodySite, str, tuple[float, float], str]

_LIMBS: list[Shape] = [
    (BodySite.UPPER_ARM, "M190 132 C174 139 162 140 149 138 L151 150 L152 192 C164 195 176 193 194 184 Z", (164, 163), ""),
    (BodySite.FOREARM, "M194 184 C176 193 164 195 152 192 L158 246 L175 241 L189 237 L208 231 Z", (175, 215), ""),
    (BodySite.HAND, "M208 231 L189 237 L175 241 L158 246 L160 300 L218 300 L218 231 Z", (187, 264), ""),
    (BodySite.LOWER_LEG, "M110 341 C122 347 136 347 160 341 L165 440 L110 440 Z", (133, 385), ""),
    (BodySite.FOOT, "M110 440 L165 440 L165 480 L110 480 Z", (134, 461), ""),
]  # fmt: skip

_FRONT_HALVES: list[Shape] = [
    (BodySite.SHOULDER, "M122 84 L190 84 L190 132 C174 139 162 140 149 138 C147 122 139 107 127 94 Z", (155, 119), ""),
    (BodySite.CHEST, "M110 104 C116 103 122 99 127 94 C139 107 147 122 149 138 L151 150 L151 171 C138 178 124 178 110 174 Z", (129, 134), ""),
    (BodySite.ABDOMEN, "M110 174 C124 178 138 178 151 171 L150 192 L160 222 C147 227 134 236 123 240 L110 240 Z", (128, 206), ""),
    *_LIMBS,
    (BodySite.THIGH, "M160 222 C147 227 134 236 123 240 C121 250 117 259 110 264 L110 341 C122 347 136 347 160 341 L168 300 Z", (133, 292), ""),
]  # fmt: skip

_FRONT_MIDDLE: list[Shape] = [
    (BodySite.SCALP, "M80 0 L140 0 L140 34 C134 27 124 22 110 22 C96 22 86 27 80 34 Z", (110, 16), ""),
    (BodySite.FACE, "M80 34 C86 27 96 22 110 22 C124 22 134 27 140 34 L140 58 C131 74 121 79 110 79 C99 79 89 74 80 58 Z", (110, 49), ""),
    (BodySite.NECK, "M80 58 C89 74 99 79 110 79 C121 79 131 74 140 58 L140 84 L127 94 C122 99 116 103 110 104 C104 103 98 99 93 94 L80 84 Z", (110, 89), ""),
    (BodySite.GENITAL, "M97 240 L123 240 C121 250 117 259 110 264 C103 259 99 250 97 240 Z", (110, 248), ""),
]  # fmt: skip

_BACK_HALVES: list[Shape] = [
    (BodySite.SHOULDER, "M122 84 L190 84 L190 132 C174 139 162 140 149 138 C147 122 139 106 128 93 Z", (155, 119), ""),
    (BodySite.BACK, "M110 100 C117 100 123 97 128 93 C139 106 147 122 149 138 L151 150 L151 170 C138 166 124 167 110 169 Z", (129, 136), "upper back"),
    (BodySite.BACK, "M110 169 C124 167 138 166 151 170 L150 192 L157 214 C142 213 124 215 110 219 Z", (128, 192), "lower back"),
    (BodySite.BUTTOCK, "M110 219 C124 215 142 213 157 214 L163 230 L160 258 C146 267 124 268 110 262 Z", (131, 239), ""),
    *_LIMBS,
    (BodySite.THIGH, "M160 258 C146 267 124 268 110 262 L110 341 C122 347 136 347 160 341 L168 300 Z", (133, 304), ""),
]  # fmt: skip

_BACK_MIDDLE: list[Shape] = [
    (BodySite.SCALP, "M80 0 L140 0 L140 50 C132 60 122 64 110 64 C98 64 88 60 80 50 Z", (110, 36), ""),
    (BodySite.NECK, "M80 50 C88 60 98 64 110 64 C122 64 132 60 140 50 L140 84 L128 93 C123 97 117 100 110 100 C103 100 97 97 92 93 L80 84 Z", (110, 82), ""),
]  # fmt: skip

# What no drawing shows, or what a record knows only roughly.
_WITHOUT_A_MARK = [
    (BodySite.ORAL, "Mouth, inside"),
    (BodySite.PALM_SOLE, "Palm or sole"),
    (BodySite.TRUNK, "Trunk, not known where"),
    (BodySite.UPPER_EXTREMITY, "Arm or hand, not known where"),
    (BodySite.LOWER_EXTREMITY, "Leg or foot, not known where"),
    (BodySite.UNKNOWN, "Not known"),
]


def _point(x: float, y: float) -> tuple[float, float]:
    return round(x / WIDTH, 4), round(y / HEIGHT, 4)


def _middle(view: BodyView, shape: Shape) -> Place:
    site, path, centre, word = shape
    name = word or site.label
    return Place(
        key=f"{view.value}-{site.value}",
        label=name if site in {BodySite.FACE, BodySite.GENITAL} else f"{name}, {view.value}",
        body_site=site,
        side=BodySide.MIDLINE,
        view=view,
        path=path,
        centre=_point(*centre),
    )


def _halves(view: BodyView, shape: Shape, *, clipped: bool = True) -> list[Place]:
    """The patient's right first: it is on the viewer's left of the front drawing."""
    site, path, (x, y), word = shape
    places = []
    for side, on_viewers_right in (
        (BodySide.RIGHT, view == BodyView.BACK),
        (BodySide.LEFT, view == BodyView.FRONT),
    ):
        name = f"{side.label} {word or site.label.lower()}"
        places.append(
            Place(
                key=f"{view.value}-{side.value}-{(word or site.value).replace(' ', '-').replace('_', '-')}",
                label=name if word or site == BodySite.BUTTOCK else f"{name}, {view.value}",
                body_site=site,
                side=side,
                view=view,
                path=path if on_viewers_right else mirrored(path),
                centre=_point(x if on_viewers_right else 2 * MIDDLE - x, y),
                clipped=clipped,
            )
        )
    return places


def _view_places(
    view: BodyView, middle: list[Shape], halves: list[Shape], ears: list[Shape]
) -> list[Place]:
    places = [_middle(view, shape) for shape in middle]
    places += [place for shape in ears for place in _halves(view, shape, clipped=False)]
    places += [place for shape in halves for place in _halves(view, shape)]
    return sorted(places, key=lambda place: (place.centre[1], place.centre[0]))  # type: ignore[index]


_EARS: list[Shape] = [(BodySite.EAR, EAR, (136.5, 43), "")]
ON_DRAWING = {
    BodyView.FRONT: _view_places(BodyView.FRONT, _FRONT_MIDDLE, _FRONT_HALVES, _EARS),
    BodyView.BACK: _view_places(BodyView.BACK, _BACK_MIDDLE, _BACK_HALVES, _EARS),
}
UNMARKED = [Place(f"unmarked-{site.value}", label, site) for site, label in _WITHOUT_A_MARK]
PLACES = {
    place.key: place
    for place in [*ON_DRAWING[BodyView.FRONT], *ON_DRAWING[BodyView.BACK], *UNMARKED]
}


def grouped_places() -> list[tuple[str, list[tuple[str, str]]]]:
    """The list as a select shows it: front, back, and without a mark."""

    def choices(places: list[Place]) -> list[tuple[str, str]]:
        return [(place.key, place.label) for place in places]

    return [
        ("Front", choices(ON_DRAWING[BodyView.FRONT])),
        ("Back", choices(ON_DRAWING[BodyView.BACK])),
        ("Without a mark on the drawing", choices(UNMARKED)),
    ]


def place_of(lesion: Lesion) -> Place | None:
    """The place that a lesion was marked on, or None if the list has no such place."""
    if not lesion.view:
        unmarked = PLACES.get(f"unmarked-{lesion.body_site}")
        return unmarked if unmarked and lesion.side == BodySide.UNKNOWN else None
    same = [
        place
        for place in ON_DRAWING[BodyView(lesion.view)]
        if place.body_site == lesion.body_site
        and (lesion.side in {place.side, BodySide.MIDLINE} or place.side == BodySide.MIDLINE)
    ]
    if not same or lesion.map_x is None or lesion.map_y is None:
        return same[0] if same else None
    x, y = lesion.map_x, lesion.map_y
    return min(same, key=lambda place: abs(place.centre[0] - x) + abs(place.centre[1] - y))  # type: ignore[index]
