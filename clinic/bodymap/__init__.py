"""The body map: two drawings of our own, the places on them, and the list of places beside them."""

from clinic.bodymap.drawing import BACK, DRAWINGS, FRONT, Drawing, outline
from clinic.bodymap.places import PLACES, Place, grouped_places, place_of

__all__ = [
    "BACK",
    "DRAWINGS",
    "FRONT",
    "PLACES",
    "Drawing",
    "Place",
    "grouped_places",
    "outline",
    "place_of",
]
