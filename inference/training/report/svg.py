"""A matplotlib figure as SVG that sits in a page: no address in it, text that can be selected."""

import re
from dataclasses import dataclass
from html import escape
from io import StringIO
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "report",  # the same figure is the same text
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#d9d9d9",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "legend.frameon": False,
    "legend.handlelength": 3,
    "lines.linewidth": 1.6,
    "path.simplify": True,
}
METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}


@dataclass(frozen=True)
class Drawing:
    """An SVG element for a page, and what it shows in a sentence."""

    svg: str
    alternative: str


def draw(figure: Figure, alternative: str) -> Drawing:
    """The figure as an SVG element that is as wide as its place, up to its own width."""
    stream = StringIO()
    with mpl.rc_context(SETTINGS):
        figure.savefig(stream, format="svg", metadata=METADATA)
    text = stream.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(
        r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", text, flags=re.DOTALL
    )
    text = text.replace("xlink:href", "href")
    # Groups are numbered from 1 in every figure; only marks and clips are referred to.
    text = re.sub(r'(<g) id="[a-zA-Z0-9_.]+"', r"\1", text)
    text = re.sub(r"font: (?:[a-z]+ )*([\d.]+px)[^;\"]*", r"font-size: \1", text)
    text = re.sub(r"\n\s*", "\n", text)
    width, height = (72 * side for side in figure.get_size_inches())
    opening = (
        f'<svg viewBox="0 0 {width:g} {height:g}" style="max-width: {width * 4 / 3:.0f}px" '
        f'role="img" aria-label="{escape(alternative)}">'
    )
    return Drawing(re.sub(r"<svg[^>]*>", opening, text, count=1), alternative)
