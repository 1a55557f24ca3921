"""A reader of the little SVG that a selector may hold: one shape, no text, nothing that refers.

Deliberately no XML library: there are no entities, no DOCTYPE, no comments, no processing
instructions and no nesting to bomb, because this grammar does not have them. What comes out is
rebuilt from numbers, so that nothing of the sender's text is ever shown to anybody.
"""

import re
from dataclasses import dataclass

from clinic.annotation.refusals import RegionRefused

LONGEST = 1_000_000
"""Characters: 20,000 points with every digit that JavaScript writes are 800,000."""
SVG_NAMESPACE = "http://www.w3.org/2000/svg"
SHAPES = frozenset({"rect", "circle", "ellipse", "polygon", "polyline", "path"})
# What a shape may say besides its own geometry; it is dropped. Whatever could move or cut the
# shape (transform, viewBox, style, clip-path) is not here, so it is refused, not overlooked.
DROPPED = frozenset(
    {"class", "fill", "fill-opacity", "fill-rule", "id", "opacity", "stroke", "stroke-opacity",
     "stroke-width", "version"}
)  # fmt: skip

_TAG = re.compile(
    r"""[ \t\r\n]*<(?P<closing>/?)(?P<name>[a-z]{1,10})
        (?P<attributes>(?:[ \t\r\n]+[a-zA-Z][a-zA-Z0-9:-]{0,20}[ \t\r\n]*=[ \t\r\n]*
            (?:"[^"<&]*+"|'[^'<&]*+'))*+)
        [ \t\r\n]*(?P<empty>/?)>""",
    re.VERBOSE,
)
_ATTRIBUTE = re.compile(
    r"""([a-zA-Z][a-zA-Z0-9:-]{0,20})[ \t\r\n]*=[ \t\r\n]*(?:"([^"]*)"|'([^']*)')"""
)
MOST_TAGS = 6  # <svg><g><shape></shape></g></svg>


@dataclass(frozen=True, slots=True)
class Element:
    """The one shape of a selector, with its attributes as they were written."""

    name: str
    attributes: dict[str, str]

    def take(self, *names: str) -> list[str | None]:
        """These attributes' texts; raises RegionRefused when there is another that matters."""
        for name in self.attributes:
            if name not in names and name not in DROPPED:
                msg = f"An outline cannot have “{name}”. Draw it again."
                raise RegionRefused("svg", msg)
        return [self.attributes.get(name) for name in names]


def read_shape(text: str) -> Element:
    """The shape inside `<svg>…</svg>`, perhaps in one `<g>`. Raises RegionRefused."""
    if len(text) > LONGEST:
        raise RegionRefused("size", "This outline has too many points. Draw a simpler one.")
    opened: list[str] = []
    shape: Element | None = None
    place = 0
    for _ in range(MOST_TAGS + 1):
        tag = _TAG.match(text, place)
        if tag is None:
            break
        place, name = tag.end(), tag["name"]
        if tag["closing"]:
            if tag["attributes"].strip() or tag["empty"] or not opened or opened.pop() != name:
                raise _unreadable()
            if not opened:
                break
            continue
        found = Element(name, _attributes(tag["attributes"]))
        _check_place(found, opened, shape)
        shape = found if name in SHAPES else shape
        if not tag["empty"]:
            opened.append(name)
    if shape is None or opened or text[place:].strip(" \t\r\n"):
        raise _unreadable()
    return shape


def _check_place(found: Element, opened: list[str], shape: Element | None) -> None:
    """`svg` outside, then at most one `g`, then one shape, and nothing in the shape."""
    if found.name == "svg":
        if opened or shape is not None:
            raise _unreadable()
        (namespace,) = found.take("xmlns")
        if namespace not in {None, SVG_NAMESPACE}:
            raise _unreadable()
    elif found.name == "g":
        if opened != ["svg"] or shape is not None:
            raise _unreadable()
        found.take()
    elif found.name in SHAPES:
        if shape is not None and not set(opened) & SHAPES:
            msg = "This annotation has several regions. Draw each as an annotation of its own."
            raise RegionRefused("shape", msg)
        if opened not in (["svg"], ["svg", "g"]):
            raise _unreadable()
    else:
        msg = f"An outline cannot be a “{found.name}”. Draw it again."
        raise RegionRefused("shape", msg)


def _attributes(text: str) -> dict[str, str]:
    attributes: dict[str, str] = {}
    for name, double, single in _ATTRIBUTE.findall(text):
        if name in attributes:
            raise _unreadable()
        attributes[name] = double or single
    return attributes


def _unreadable() -> RegionRefused:
    return RegionRefused("svg", "This outline is not a drawing that can be read. Draw it again.")
