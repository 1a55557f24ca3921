"""What a browser was sent, from its own record of the network, and what of it is the model's.

The record is the one that Chromium keeps and Playwright writes (HTTP Archive 1.2): every response
of every window, redirects and what scripts fetched included. Pixels are left out, their headers
are not.
"""

import base64
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clinic.models import Case
from inference.models import Prediction


@dataclass(frozen=True)
class Figures:
    """An answer whose numbers occur in nothing else that the product sends."""

    probabilities: dict[str, float]
    malignancy: float
    uncertainty: float
    strangeness: float

    @property
    def written(self) -> tuple[str, ...]:
        """As JSON writes them."""
        mine = (self.probabilities["mel"], self.malignancy, self.uncertainty, self.strangeness)
        return tuple(str(figure) for figure in mine)


FIGURES = Figures(
    probabilities={
        "akiec": 0.0117, "bcc": 0.0213, "bkl": 0.0319, "df": 0.0031, "mel": 0.7283, "nv": 0.1993,
        "vasc": 0.0044,
    },
    malignancy=0.7613,
    uncertainty=0.4409,
    strangeness=1.4171,
)  # fmt: skip
# As a page writes them; style sheets have per cents of their own.
PER_CENTS = re.compile(r"(?<![\d.])(73|76)(\s|&nbsp;|\u00a0|\u202f)*%")
PAGES = re.compile("html|json")
PIXELS = re.compile("^image/")


@dataclass(frozen=True)
class Answer:
    """One response: its address, and headers and body as one text."""

    method: str
    url: str
    status: int
    kind: str
    text: str


def responses(har: Path) -> list[Answer]:
    """Every response of the record in the order of the requests."""
    entries = json.loads(har.read_text())["log"]["entries"]
    return [_answer(entry) for entry in sorted(entries, key=lambda one: one["startedDateTime"])]


def before_commit(answers: list[Answer]) -> list[Answer]:
    """What was asked for before the commit."""
    commit = next(
        place for place, one in enumerate(answers)
        if one.method == "POST" and one.url.endswith("/commit/")
    )  # fmt: skip
    return answers[:commit]


def after_commit(answers: list[Answer]) -> list[Answer]:
    """What was asked for from the commit on."""
    return answers[len(before_commit(answers)) :]


def told(answers: list[Answer], case: Case) -> set[tuple[str, str]]:
    """Where the model's opinion of the case is given away: (address, what)."""
    marks = secrets(case)
    found = {
        (one.url, mark) for one in answers for mark in marks if mark in f"{one.url}\n{one.text}"
    }
    per_cents = {
        (one.url, "per cent")
        for one in answers
        if PAGES.search(one.kind) and PER_CENTS.search(one.text)
    }
    return found | per_cents


def secrets(case: Case) -> set[str]:
    """Texts that only the model's opinion contains: figures, names, and keys of its rows."""
    rows = Prediction.objects.filter(image__case=case)
    keys = {str(key) for row in rows.values_list("pk", "model_version_id") for key in row}
    return {*FIGURES.written, *keys, "zweitblick", "saliency.png"}


def _answer(entry: dict[str, Any]) -> Answer:
    response = entry["response"]
    content = response["content"]
    kind = content.get("mimeType", "")
    body = "" if PIXELS.match(kind) else content.get("text", "")
    if content.get("encoding") == "base64" and body:
        body = base64.b64decode(body).decode(errors="replace")
    headers = "\n".join(f"{one['name']}: {one['value']}" for one in response["headers"])
    return Answer(
        entry["request"]["method"], entry["request"]["url"], response["status"], kind,
        f"{headers}\n{body}",
    )  # fmt: skip
