"""A package's answers for a folder of images as a CSV that is whole or not there.

Rows are written to a file beside it, which takes its name when the last image is answered. Where
that was interrupted, the same command goes on after the last whole row.
"""

import csv
import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from inference.engine.classifier import Answer, Classifier
from inference.training.folder_predictions import answer_files
from inference.training.labelled_images import image_files
from inference.training.records import DataError

MEASURES = ("malignancy", "uncertainty", "plausible", "strangeness")


@dataclass(frozen=True)
class Written:
    """How many images there were, how many of them have no answer, were answered before an
    interruption, or share their image_id with another image (their ``file`` tells them apart)."""

    images: int
    without_answer: int
    answered_before: int
    of_one_name: int


def write_predictions(classifier: Classifier, folder: Path, out: Path) -> Written:
    """Answer every image of a folder and its subfolders, one row each. Raises DataError."""
    paths = image_files(folder)
    if not paths:
        raise DataError(f"There are no images in {folder}.")
    codes = [entry.code for entry in classifier.package.classes]
    header = ["file", "image_id", "called", "likeliest", *codes, *MEASURES, "error"]
    unfinished = _unfinished(classifier, folder, out)
    done = _whole_rows(unfinished, header)
    failed = sum(bool(row["error"]) for row in done.values())
    remaining = [path for path in paths if _below(path, folder) not in done]
    with unfinished.open("a", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, header, restval="")
        if not done:
            writer.writeheader()
        for path, answer in answer_files(classifier, remaining):
            row = {"file": _below(path, folder), "image_id": path.stem}
            if isinstance(answer, str):
                failed += 1
                writer.writerow(row | {"error": answer})
            else:
                writer.writerow(row | _columns(answer))
            stream.flush()
    unfinished.replace(out)
    names = Counter(path.stem for path in paths)
    same = sum(count for count in names.values() if count > 1)
    return Written(len(paths), failed, len(done), same)


def _columns(answer: Answer) -> dict[str, str]:
    strangeness = answer.strangeness
    return {
        "called": answer.called,
        "likeliest": answer.likeliest,
        **{code: f"{value:.6f}" for code, value in answer.probabilities.items()},
        "malignancy": f"{answer.malignancy:.6f}",
        "uncertainty": f"{answer.uncertainty:.6f}",
        "plausible": " ".join(answer.plausible),
        "strangeness": "" if strangeness is None else f"{strangeness:.4f}",
    }


def _unfinished(classifier: Classifier, folder: Path, out: Path) -> Path:
    """Where the rows of this package for this folder wait; another's are never taken up."""
    if not out.parent.is_dir():
        raise DataError(f"There is no folder {out.parent} to write {out.name} to.")
    if out.is_dir():
        raise DataError(f"{out} is a folder: name the CSV to write.")
    whose = f"{classifier.package.digest}\n{folder.resolve()}"
    return out.with_name(f"{out.name}.{hashlib.sha256(whose.encode()).hexdigest()[:12]}.part")


def _whole_rows(unfinished: Path, header: list[str]) -> dict[str, dict[str, str]]:
    """The rows by file of an interrupted run; a torn last row is cut off."""
    if not unfinished.exists():
        return {}
    content = unfinished.read_bytes()
    content = content[: content.rfind(b"\n") + 1]
    unfinished.write_bytes(content)
    rows = csv.DictReader(content.decode().splitlines())
    if rows.fieldnames != header:
        unfinished.unlink()
        return {}
    return {row["file"]: row for row in rows}


def _below(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()
