"""The drawings: an outline and finer lines, in a frame of 220 x 480 units, mirrored at x = 110.

Each half is drawn once, on the viewer's right, and mirrored. The regions of `places` are rougher
shapes that the outline clips, so that they meet without gaps.
"""

import re
from dataclasses import dataclass

WIDTH, HEIGHT = 220, 480
MIDDLE = WIDTH / 2

Point = tuple[float, float]

# From the crown down the viewer's right to between the legs: a start, then control, control, end.
HALF: list[Point] = [
    (110, 9),
    (124, 9), (133.5, 19), (134, 35),  # crown to temple
    (134.2, 47), (131.5, 59), (122.5, 69),  # cheek and jaw
    (121.2, 73), (120.8, 78), (121.5, 84),  # neck
    (122.5, 93), (134, 97), (146, 100.5),  # trapezius
    (158, 104), (166, 112), (168, 127),  # shoulder
    (170.5, 144), (172, 158), (175, 177),  # upper arm, outside
    (179, 196), (185, 216), (189, 236),  # forearm, outside
    (191, 240), (198, 247), (202, 257),  # thumb
    (203.5, 261), (200, 264), (197, 260.5),
    (196, 259), (195, 258), (194, 257.5),
    (196, 267), (197, 278), (195.5, 288),  # fingers, outside
    (194.5, 294), (184, 295.5), (181.5, 289),  # finger tips
    (178, 280), (175, 266), (175.5, 253),  # hand, inside
    (176, 248), (176, 244), (175, 240),
    (170, 222), (164, 206), (160, 190),  # forearm, inside
    (157, 174), (153.5, 156), (150.5, 139),  # upper arm, inside
    (150.5, 156), (147, 170), (144.5, 186),  # ribs to waist
    (143, 198), (147, 212), (150.5, 228),  # waist to hip
    (155, 250), (155, 280), (150.5, 312),  # thigh, outside
    (148, 328), (146, 338), (146.5, 348),  # knee, outside
    (149, 362), (150, 374), (148, 388),  # calf, outside
    (145, 408), (140, 424), (138.5, 438),  # to the ankle
    (138.5, 446), (146, 454), (148.5, 462),  # foot, outside
    (149.5, 469), (142, 471), (132, 470.5),  # toes
    (124, 470.5), (121.5, 466), (122, 459),  # foot, inside
    (122, 451), (123, 446), (122.6, 438),
    (121, 420), (117, 404), (117, 386),  # calf, inside
    (117, 368), (121, 358), (120, 345),  # knee, inside
    (118.5, 320), (114.5, 290), (112.5, 264),  # thigh, inside
    (112, 260), (111, 258), (110, 257.5),
]  # fmt: skip

EAR = "M133.6 36.5 C136 33 140 34.5 139.6 39.5 C139.2 45 136.4 51 133 50.5 Z"


def mirrored(path: str) -> str:
    """A path of absolute M, L, C, Q and Z commands on the other half of the drawing."""
    return re.sub(
        r"(-?[\d.]+)([ ,]+)(-?[\d.]+)",
        lambda pair: f"{WIDTH - float(pair[1]):g}{pair[2]}{pair[3]}",
        path,
    )


def outline() -> str:
    """The whole figure as one closed path: the half, then its mirror image back to the crown."""
    whole = HALF + [(WIDTH - x, y) for x, y in reversed(HALF[:-1])]
    start, rest = whole[0], whole[1:]
    curves = [rest[i : i + 3] for i in range(0, len(rest), 3)]
    text = " ".join("C" + " ".join(f"{x:g} {y:g}" for x, y in curve) for curve in curves)
    return f"M{start[0]:g} {start[1]:g} {text} Z"


def _both(*paths: str) -> tuple[str, ...]:
    return tuple(side for path in paths for side in (path, mirrored(path)))


@dataclass(frozen=True)
class Drawing:
    """One view: its finer lines are for orientation only."""

    view: str
    label: str
    lines: tuple[str, ...]


FRONT = Drawing(
    view="front",
    label="Front",
    lines=(
        *_both(
            "M113 104 C121 102 132 102 143 105",  # collar bone
            "M114 151 C124 158 138 155 145 144",  # breast
            "M125 338 C128 334 137 334 140 338",  # knee cap
            "M127 350 C130 353 136 353 139 350",
            "M186 263 L187 286",  # fingers
            "M190.5 262 L191.5 286",
            "M181.5 264 L183 284",
            "M128 462 L127.5 468",  # toes
            "M133 462 L133.5 468",
            "M138.5 462 L140 468",
        ),
        "M110 206 C111.4 207 111.4 210 110 211 C108.6 210 108.6 207 110 206",  # navel
        "M110 118 L110 150",  # breast bone
    ),
)

BACK = Drawing(
    view="back",
    label="Back",
    lines=(
        *_both(
            "M141 112 C134 122 126 136 123 150 C129 154 136 151 141 144",  # shoulder blade
            "M112 259 C122 264 136 264 146 257",  # fold of the buttock
            "M124 345 C129 348 137 348 142 345",  # hollow of the knee
            "M132 366 C131 378 131 388 132 398",  # calf
            "M168 188 C170 190 172 190 174 188",  # elbow
            "M186 263 L187 286",
            "M190.5 262 L191.5 286",
            "M181.5 264 L183 284",
            "M124 452 C127 456 134 456 138 452",  # heel
        ),
        "M110 104 C109.5 140 109.5 180 110 214",  # spine
        "M110 226 L110 257",  # cleft
    ),
)

DRAWINGS = (FRONT, BACK)
