"""How smoothly a 12-megapixel picture with 1,000 annotations moves under the hand.

`python -m config.embedded python -m benchmarks.annotation_panning` (or `make bench`). A real
gunicorn, and a real Chromium whose own trace says when a frame was drawn. The picture is dragged in
circles, with no annotation and with 1,000 in turns, on the review page itself. A headless Chromium
without a GPU paints in software, on the processors that the server uses as well: a person's
machine is faster.
"""

import json
import math
import os
import random
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from benchmarks._service import clinic_in_a_folder
from benchmarks.first_picture import cookie_of, free_port, waiting_case, web_server, window

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from clinic.models import Case, LesionImage

ANNOTATIONS = 1000
CORNERS = 24  # of each outline
SIDES = (20, 160)  # pixels of the image, half an outline's width
DRAG_SECONDS = 4.0
TURNS = 3
FRAMES = "disabled-by-default-devtools.timeline.frame"
FRAME = "PipelineReporter"  # Chromium's account of one frame, from its beginning to the screen
# A little larger than the window (nearly all are seen), and 1:1 (a tenth is).
NOTHING = {"annotations": [], "may_annotate": True}
ZOOMS = {"most of them in sight": ["+"], "one pixel for one": ["z"]}


def outline(chance: random.Random, width: int, height: int) -> list[list[float]]:
    """A ragged ring somewhere on the image."""
    reach = chance.uniform(*SIDES)
    x, y = chance.uniform(reach, width - reach), chance.uniform(reach, height - reach)
    ring = []
    for corner in range(CORNERS):
        angle, far = 2 * math.pi * corner / CORNERS, reach * chance.uniform(0.7, 1)
        ring.append([round(x + far * math.cos(angle), 1), round(y + far * math.sin(angle), 1)])
    return ring


def draw(case: "Case", image: "LesionImage", count: int) -> None:
    """That many annotations of the person who reads the case."""
    from clinic.annotation.vocabulary import LABELS
    from clinic.models import Annotation, Reading
    from clinic.services import assign_case

    if not Reading.objects.filter(case=case).exists():
        assign_case(case=case, reader=case.submitter)
    reading = Reading.objects.get(case=case)
    chance = random.Random(count)
    labels = [label.code for label in LABELS if not label.needs_text]
    rows = []
    for place in range(count):
        points = outline(chance, image.width, image.height)
        drawn = " ".join(f"{x},{y}" for x, y in points)
        target = {"type": "SvgSelector", "value": f'<svg><polygon points="{drawn}" /></svg>'}
        rows.append(
            Annotation(
                key=uuid4(), image=image, reading=reading, creator=case.submitter,
                label=labels[place % len(labels)], target=target, points=points,
                stage=reading.state,
            )
        )  # fmt: skip
    Annotation.objects.bulk_create(rows)


def drag(page: "Page") -> float:
    """In circles for a while; the seconds it took."""
    box = page.locator("#viewer-canvas").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x + 60, y)
    page.mouse.down()
    began = time.perf_counter()
    while (passed := time.perf_counter() - began) < DRAG_SECONDS:
        angle = 2 * math.pi * passed / 1.5
        page.mouse.move(x + 60 * math.cos(angle), y + 60 * math.sin(angle))
    page.mouse.up()
    return passed


def presented(trace: Sequence[dict[str, Any]]) -> list[float]:
    """Times in ms at which the page's own frames came to the screen whole, in order.

    A frame that shows only what the compositor had, and not what the page drew for it, does not
    count, nor does one that was dropped.
    """
    pages = {one["pid"] for one in trace if one.get("args", {}).get("name") == "Renderer"}
    begun: dict[tuple[int, str], str] = {}  # Chromium uses an identifier again once it has ended
    times = []
    for one in sorted(trace, key=lambda event: event.get("ts", 0)):
        if one.get("name") != FRAME or one["pid"] not in pages:
            continue
        key = (one["pid"], one["id2"]["local"])
        if one["ph"] == "b":
            begun[key] = one["args"].get("frame_reporter", {}).get("state", "")
        elif begun.pop(key, "") == "STATE_PRESENTED_ALL":
            times.append(one["ts"] / 1000)
    return times


def measured(browser: "Browser", page: "Page") -> dict[str, float]:
    """Frames a second in which the picture had moved, and the time between two."""
    browser.start_tracing(page=page, categories=[FRAMES])
    seconds = drag(page)
    times = presented(json.loads(browser.stop_tracing())["traceEvents"])
    gaps = sorted(after - before for before, after in pairwise(times))
    if len(gaps) < 10:
        raise SystemExit("The trace holds no frames: this Chromium names them in another way.")
    return {
        "frames_per_s": len(times) / seconds,
        "median_ms": median(gaps),
        "p95_ms": gaps[int(0.95 * (len(gaps) - 1))],
        "longest_ms": gaps[-1],
    }


def open_picture(page: "Page", address: str, expected: int, keys: list[str]) -> None:
    """The review page with its annotations painted, zoomed by these keys."""
    page.goto(address)
    page.locator("#viewer[data-state='shown']").wait_for()
    page.locator("#viewer-canvas").focus()
    page.keyboard.press("a")
    page.keyboard.press("j")
    until = time.monotonic() + 30
    while page.locator(".stage-row").count() != expected:
        if time.monotonic() > until:
            raise SystemExit(f"{page.locator('.stage-row').count()} of {expected} were listed.")
        page.wait_for_timeout(50)
    for key in ("Escape", *keys):
        page.keyboard.press(key)
    page.wait_for_timeout(1500)  # the original is loaded and decoded


def compare(browser: "Browser", cookie: dict[str, str], case: "Case") -> None:
    """Print the frames with and without annotations, for each zoom."""
    for words, keys in ZOOMS.items():
        found: dict[int, list[dict[str, float]]] = {0: [], ANNOTATIONS: []}
        for _ in range(TURNS):
            for count, turns in found.items():
                with window(browser, cookie) as context:
                    page = context.new_page()
                    if not count:
                        page.route("**/annotations/", lambda route: route.fulfill(json=NOTHING))
                    open_picture(page, f"{cookie['url']}/cases/{case.pk}/review/", count, keys)
                    turns.append(measured(browser, page))
        for count, turns in found.items():
            one = {name: median(turn[name] for turn in turns) for name in turns[0]}
            print(
                f"{words}, {count} annotations: {one['frames_per_s']:.0f} frames/s, "
                f"{one['median_ms']:.1f} ms between two (95th percentile {one['p95_ms']:.1f}, "
                f"longest {one['longest_ms']:.0f}); medians of {TURNS} drags"
            )


def main() -> None:
    """One picture with annotations, and the same as if it had none."""
    from playwright.sync_api import sync_playwright

    program = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    if not Path(program).exists():
        print("There is no Chromium: nothing was measured. Name one: CHROMIUM=/path/to/chromium")
        return
    with clinic_in_a_folder() as folder:
        os.environ["STATIC_ROOT"] = str(folder / "static")
        os.environ["SECRET_KEY"] = "only-for-this-measurement"
        from django.conf import settings
        from django.core.management import call_command

        settings.STATIC_ROOT, settings.SECRET_KEY = folder / "static", os.environ["SECRET_KEY"]
        call_command("collectstatic", interactive=False, verbosity=0)
        case = waiting_case()
        draw(case, case.images.get(), ANNOTATIONS)
        port = free_port()
        cookie = cookie_of(case, f"http://127.0.0.1:{port}")
        sandbox = [] if os.geteuid() else ["--no-sandbox"]
        with web_server(folder, port), sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=program, args=["--disable-gpu", "--disable-dev-shm-usage", *sandbox]
            )
            compare(browser, cookie, case)
            browser.close()


if __name__ == "__main__":
    main()
