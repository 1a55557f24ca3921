"""How soon a reader sees a 12-megapixel picture: by its rendition, and by the original.

`python -m config.embedded python -m benchmarks.first_picture` (or `make bench`). A real gunicorn
and a real Chromium with a cold cache. Bytes and decoding are compared picture against picture; the
review page is opened with every picture sent to its rendition and with every picture sent to its
original, in turns, first with the network as it is and then as a hospital's may be. What counts is
the moment when the browser itself says that it has painted the picture (largest contentful paint).
"""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks._service import CHECKOUT, clinic_in_a_folder, open_case

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Route

    from clinic.models import Case, LesionImage

WIDTH, HEIGHT = 4000, 3000
GRAIN = 6
TURNS = 6
PATIENCE = 60
HOSPITAL = {"latency": 20, "downloadThroughput": 25e6 / 8, "uploadThroughput": 25e6 / 8}
"""25 Mbit/s with 20 ms on the way: a shared wireless network in a building of thick walls."""

DECODE = """async ([address, turns]) => {
  const blob = await (await fetch(address)).blob();
  let fewest = Infinity;
  for (let turn = 0; turn <= turns; turn += 1) {
    const picture = new Image();
    picture.src = URL.createObjectURL(blob);
    const began = performance.now();
    await picture.decode();
    if (turn) fewest = Math.min(fewest, performance.now() - began);
  }
  return [blob.size, fewest];
}"""
PAINTED = """window.firstPicture = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (!window.firstPicture && /\\/images\\/[^/]+\\/(file|screen)\\//.test(entry.url)) {
      window.firstPicture = entry.renderTime || entry.loadTime;
    }
  }
}).observe({ type: "largest-contentful-paint", buffered: true });"""


def waiting_case() -> "Case":
    """A submitted case with one picture of 12 megapixels, read by the same person."""
    from PIL import Image, ImageChops

    from accounts.models import Role
    from accounts.services import grant_role
    from clinic.services import add_image, submit_case
    from clinic.synthetic.dermoscopy import as_jpeg, make_dermoscopic_image
    from clinic.tasks import make_renditions_task

    case = open_case()
    grant_role(user=case.submitter, organisation=case.organisation, role=Role.DERMATOLOGIST)
    # A sensor's grain: without it the file would be a third of what a phone writes.
    grain = Image.merge("RGB", [Image.effect_noise((WIDTH, HEIGHT), GRAIN)] * 3)
    smooth = make_dermoscopic_image(1, width=WIDTH, height=HEIGHT)
    content = as_jpeg(ImageChops.add(smooth, grain, offset=-128), quality=92)
    lesion = case.patient.lesions.get()
    add_image(case=case, lesion=lesion, content=content, actor=case.submitter)
    began = time.perf_counter()
    if make_renditions_task() != 1:
        raise SystemExit("The rendition was not made: see the log above.")
    print(f"a worker makes the rendition in {(time.perf_counter() - began) * 1000:.0f} ms")
    return submit_case(case=case, actor=case.submitter)


@contextmanager
def web_server(folder: Path, port: int) -> Iterator[str]:
    """gunicorn as the demo starts it; gives the address."""
    command = [
        *(sys.executable, "-m", "gunicorn", "config.wsgi:application"),
        *("--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--workers", "1"),
        *("--threads", "4", "--no-control-socket"),
    ]
    address = f"http://127.0.0.1:{port}"
    with (folder / "web.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=CHECKOUT, env=os.environ, stdout=log, stderr=log)
        try:
            _wait_for(f"{address}/healthz/", process, folder / "web.log")
            yield address
        finally:
            process.terminate()
            process.wait(30)


def _wait_for(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
    raise SystemExit(log.read_text()[-3000:])


def cookie_of(case: "Case", address: str) -> dict[str, str]:
    """A signed-in session of whoever reads the case."""
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(case.submitter, backend="django.contrib.auth.backends.ModelBackend")
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": address}


def free_port() -> int:
    """A port that nobody listens on."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@contextmanager
def window(browser: "Browser", cookie: dict[str, str]) -> "Iterator[BrowserContext]":
    """A browser that has never been here."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies([cookie])  # type: ignore[list-item]
    try:
        yield context
    finally:
        context.close()


def decoding(browser: "Browser", cookie: dict[str, str], address: str) -> tuple[int, float]:
    """Bytes of a picture, and the fewest ms that decoding took."""
    with window(browser, cookie) as context:
        page = context.new_page()
        page.goto(f"{cookie['url']}/healthz/")
        size, fewest = page.evaluate(DECODE, [address, TURNS])
        return int(size), float(fewest)


def first_paint(
    browser: "Browser", cookie: dict[str, str], case: "Case", kind: str, network: dict[str, float]
) -> float:
    """Milliseconds from the address to the painted picture. `kind` is screen or file."""

    def send(route: "Route") -> None:
        head, _, _ = route.request.url.rstrip("/").rpartition("/")
        route.continue_(url=f"{head}/{kind}/")

    with window(browser, cookie) as context:
        page = context.new_page()
        page.route("**/images/*/file/", send)
        page.route("**/images/*/screen/", send)
        page.add_init_script(PAINTED)
        if network:
            session = context.new_cdp_session(page)
            session.send("Network.enable")
            session.send("Network.emulateNetworkConditions", {"offline": False, **network})
        page.goto(f"{cookie['url']}/cases/{case.pk}/review/")
        # The page's own policy forbids the evaluation that `wait_for_function` polls with.
        until = time.monotonic() + PATIENCE
        while not (painted := float(page.evaluate("window.firstPicture"))):
            if time.monotonic() > until:
                raise SystemExit(f"No picture in {PATIENCE} s; the page: {page.title()}")
            page.wait_for_timeout(20)
        return painted


def compare(browser: "Browser", cookie: dict[str, str], case: "Case", image: "LesionImage") -> None:
    """Print both ways, side by side."""
    addresses = {kind: f"/images/{image.pk}/{kind}/" for kind in ("file", "screen")}
    bytes_of, decode_of = {}, {}
    for kind, address in addresses.items():
        bytes_of[kind], decode_of[kind] = decoding(browser, cookie, address)
    print(
        f"{WIDTH} x {HEIGHT}: original {bytes_of['file'] / 1e6:.2f} MB, decoded in "
        f"{decode_of['file']:.0f} ms; rendition {bytes_of['screen'] / 1e6:.2f} MB, "
        f"{decode_of['screen']:.0f} ms; ratios {bytes_of['file'] / bytes_of['screen']:.1f} and "
        f"{decode_of['file'] / decode_of['screen']:.1f}"
    )
    for name, network in (("this machine", {}), ("25 Mbit/s, 20 ms", HOSPITAL)):
        times: dict[str, list[float]] = {"file": [], "screen": []}
        for turn in range(TURNS + 1):
            for kind, measured in times.items():
                took = first_paint(browser, cookie, case, kind, network)
                if turn:
                    measured.append(took)
        original, rendition = median(times["file"]), median(times["screen"])
        print(
            f"review page to first picture, {name}: original {original:.0f} ms, rendition "
            f"{rendition:.0f} ms (medians of {TURNS}, slowest {max(times['screen']):.0f} ms); "
            f"ratio {original / rendition:.1f}"
        )


def main() -> None:
    """Store one picture and open its case again and again."""
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
        image = case.images.get()
        port = free_port()
        cookie = cookie_of(case, f"http://127.0.0.1:{port}")
        sandbox = [] if os.geteuid() else ["--no-sandbox"]
        with web_server(folder, port), sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=program, args=["--disable-gpu", "--disable-dev-shm-usage", *sandbox]
            )
            compare(browser, cookie, case, image)
            browser.close()


if __name__ == "__main__":
    main()
